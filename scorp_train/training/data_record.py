"""The record of a run's data, which prevents continuing or exporting the run with other data."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from scorp_train.data import Dataset, Split

_MOST_NAMED = 3  # changes in one message


def data_record(dataset: Dataset) -> dict[str, Any]:
    """Return a JSON object: a checksum of everything that training reads, and the images of each class.

    `sha256` covers class names, images, labels, weights, attributes and their order; that of a class covers its own
    images.
    """
    total = hashlib.sha256("\n".join(dataset.classes).encode())
    for split in (dataset.train, dataset.test):
        _add(total, split)
    classes = {}
    for label, name in enumerate(dataset.classes):
        of_class = hashlib.sha256()
        counts = {}
        for part, split in (("training", dataset.train), ("test", dataset.test)):
            own = split.of(label)
            counts[part] = len(own)
            _add(of_class, own)
        classes[name] = {**counts, "sha256": of_class.hexdigest()}
    return {"name": dataset.name, "sha256": total.hexdigest(), "classes": classes}


def _add(digest: "hashlib._Hash", split: Split) -> None:
    for array in (split.images, split.labels, split.weights, *split.attributes.values()):
        if array is not None:
            digest.update(repr((array.dtype.str, array.shape)).encode())
            digest.update(np.ascontiguousarray(array).data)


def same_data(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Return whether two records are of the same data; its name does not count."""
    return all(recorded.get(key) == found[key] for key in ("sha256", "classes"))


def describe_changes(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return the differences between two records in a few words."""
    before, now = recorded.get("classes", {}), found["classes"]
    changes = [f"class {name!r} is {'new' if name in now else 'gone'}" for name in before.keys() ^ now.keys()]
    for name in before.keys() & now.keys():
        if now[name] != before[name]:
            old, new = (f"{record['training']} + {record['test']}" for record in (before[name], now[name]))
            counts = "other" if old == new else f"{new} instead of {old}"
            changes.append(f"class {name!r} has {counts} images")
    if not changes:
        return "its images are in another order or have other weights"
    more = len(changes) - _MOST_NAMED
    return ", ".join(sorted(changes)[:_MOST_NAMED]) + (f", and {more} more changes" if more > 0 else "")

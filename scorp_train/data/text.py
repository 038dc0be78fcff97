"""Digits, letters and symbols in one dataset: `letters` (scans) and `unipen` (pen strokes).

`combined` decides how often training sees each image, and gives sizes to scans, which have lost theirs.
"""

from dataclasses import replace
from string import ascii_letters, digits

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset, Split
from .letters import load_letters
from .unipen import load_unipen

# How often training sees a class: digits vary most, and people want them most.
_SHARES = {**dict.fromkeys(digits, 4.0), **dict.fromkeys(ascii_letters, 1.0)}
_SYMBOL_SHARE = 0.5


def load_text() -> Dataset:
    """Return the dataset `text`; only its digits can be downloaded. Raises `DataError`."""
    return combined(load_letters(), load_unipen())


def combined(scans: Dataset, strokes: Dataset) -> Dataset:
    """Return both datasets as one with the classes of `strokes`, which must include those of `scans`.

    A scan gets the attributes of some image of its class in the training split of `strokes`.
    """
    scans = scans.with_classes(strokes.classes)
    sized = [_with_attributes(split, strokes.train) for split in (scans.train, scans.test)]
    origins = scans.test.origins
    assert origins is not None
    test = _joined(sized[1], strokes.test)
    return Dataset(
        name="text",
        classes=strokes.classes,
        train=replace(
            _joined(sized[0], strokes.train), weights=_weights(scans.train, strokes.train, strokes.classes)
        ),
        test=replace(test, origins=np.concatenate([origins, np.repeat("UNIPEN", len(strokes.test))])),
        licence=scans.licence,
        sha256=scans.sha256 | strokes.sha256,
        sources=scans.sources | strokes.sources,
    )


def _with_attributes(split: Split, like: Split) -> Split:
    """Return the split with attributes of random images of the same class in `like`."""
    chosen, random = np.empty(len(split), np.int64), np.random.default_rng(0)
    for label in np.unique(split.labels):
        own = np.flatnonzero(split.labels == label)
        chosen[own] = random.choice(np.flatnonzero(like.labels == label), len(own))
    return replace(split, attributes={name: values[chosen] for name, values in like.attributes.items()})


def _joined(first: Split, second: Split) -> Split:
    """Return the images of both splits, without weights, origins and writers."""
    return Split(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        attributes={
            name: np.concatenate([values, second.attributes[name]])
            for name, values in first.attributes.items()
        },
    )


def _weights(scans: Split, strokes: Split, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """Return training weights: within a class, each of the two has a share as the square root of its size."""
    weights = []
    sizes = np.stack([np.bincount(split.labels, minlength=len(classes)) for split in (scans, strokes)])
    shares = np.array([_SHARES.get(name, _SYMBOL_SHARE) for name in classes]) * np.sqrt(sizes)
    shares /= np.sqrt(sizes).sum(0)
    for split, share in zip((scans, strokes), shares, strict=True):
        own = np.ones(len(split)) if split.weights is None else split.weights
        weights.append(own * (share / np.bincount(split.labels, own, len(classes)).clip(1e-9))[split.labels])
    joined: NDArray[np.float64] = np.concatenate(weights)
    joined /= joined.mean()
    return joined

"""A dataset: two splits of labelled images, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .class_names import class_indices
from .errors import DataError

SIDE = 28
_HELD_OUT = 6  # one image in six of each class


@dataclass(frozen=True, eq=False)
class Split:
    """Labelled images.

    Attributes:
        images: uint8 (N, 28, 28), 0 = paper, 255 = ink.
        labels: int64 (N,).
        weights: float64 (N,), above 0, how often training sees each image, in proportion; None if all equally often.
        origins: str (N,), the collection of each image; None if there is only one.
        writers: str (N,), who wrote each image; None if unknown.
        attributes: more values of each image by name, float32 (N,), such as its size in a line of text.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None
    origins: NDArray[np.str_] | None = None
    writers: NDArray[np.str_] | None = None
    attributes: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.shape[1:] != (SIDE, SIDE):
            raise DataError(
                f"images are {self.images.dtype} {self.images.shape}, not uint8 (N, {SIDE}, {SIDE})"
            )
        if self.labels.dtype != np.int64:
            raise DataError(f"labels are {self.labels.dtype}, not int64")
        values = {name: getattr(self, name) for name in ("labels", "weights", "origins", "writers")}
        for name, array in (values | dict(self.attributes)).items():
            if array is not None and array.shape != self.images.shape[:1]:
                raise DataError(f"{name} have the shape {array.shape} for {len(self.images)} images")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Split":
        """Return the chosen images, by a mask bool (N,) or by indices."""
        return Split(
            self.images[chosen],
            self.labels[chosen],
            None if self.weights is None else self.weights[chosen],
            None if self.origins is None else self.origins[chosen],
            None if self.writers is None else self.writers[chosen],
            {name: values[chosen] for name, values in self.attributes.items()},
        )

    def of(self, label: int) -> "Split":
        """Return the images with this label, which becomes 0."""
        own = self.take(self.labels == label)
        return replace(own, labels=np.zeros_like(own.labels))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named dataset.

    Attributes:
        name: name of the dataset.
        classes: names of the classes; a label is an index into them.
        train: images to learn from.
        test: images to measure with.
        licence: terms of the images.
        sha256: checksum of each unzipped file that the images were read from.
        sources: terms of each collection, if the dataset is made of several.
        variants: number of training images, at the end of the split, that were made from others.
        notes: lines for the user about how the data was read.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    licence: str
    sha256: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    variants: int = 0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part, split in (("training", self.train), ("test", self.test)):
            if len(split) == 0:
                raise DataError(f"{self.name}: the {part} split is empty")
            low, high = int(split.labels.min()), int(split.labels.max())
            if low < 0 or high >= len(self.classes):
                raise DataError(
                    f"{self.name}: {part} labels run from {low} to {high}, but there are {len(self.classes)} classes"
                )

    def only(self, name: str) -> "Dataset":
        """Return the dataset of one class. Raises `DataError` if there is no class `name`."""
        if name not in self.classes:
            raise DataError(f"{self.name} has no class {name!r}; it has {', '.join(self.classes)}")
        label = self.classes.index(name)
        return replace(self, classes=(name,), train=self.train.of(label), test=self.test.of(label))

    def with_classes(self, classes: tuple[str, ...]) -> "Dataset":
        """Return the dataset with labels that index `classes`, which must include all of its own."""
        indices = class_indices(self.classes, classes)
        train, test = (replace(split, labels=indices[split.labels]) for split in (self.train, self.test))
        return replace(self, classes=classes, train=train, test=test)


def hold_out(split: Split) -> tuple[Split, Split]:
    """Split off test images: every sixth image of each class."""
    held_out = np.zeros(len(split), np.bool_)
    for label in np.unique(split.labels):
        held_out[np.flatnonzero(split.labels == label)[_HELD_OUT - 1 :: _HELD_OUT]] = True
    return split.take(~held_out), split.take(held_out)


def balanced_weights(labels: NDArray[np.int64], collections: NDArray[Any]) -> NDArray[np.float64]:
    """Return weights that sum to 1 in each class; a collection's share is as the square root of its size.

    Args:
        labels: (N,).
        collections: names or codes of where the images come from, (N,).
    """
    _, collection = np.unique(collections, return_inverse=True)
    weights = np.empty(len(labels))
    for label in np.unique(labels):
        own = labels == label
        sizes = np.bincount(collection[own])
        of_each = 1 / np.sqrt(sizes[collection[own]])
        weights[own] = of_each / of_each.sum()
    return weights

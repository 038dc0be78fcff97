"""What a data set is: two splits of labelled pictures, and where they come from."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

SIDE = 28


@dataclass(frozen=True, eq=False)
class Split:
    """Labelled pictures: `images` uint8 (N, 28, 28), 0 = paper, 255 = ink; `labels` int64 (N,).

    `weights` float64 (N,), all above 0, say how often a training sees each, in proportion; None is all alike.
    `origins` str (N,) name the collection that each comes from; None where there is but one.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None
    origins: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.shape[1:] != (SIDE, SIDE):
            raise DataError(
                f"pictures are {self.images.dtype} {self.images.shape}, not uint8 (N, {SIDE}, {SIDE})"
            )
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise DataError(f"labels are {self.labels.dtype} {self.labels.shape}, not int64 (N,)")
        if self.weights is not None and not (
            self.weights.shape == self.labels.shape and (self.weights > 0).all()
        ):
            raise DataError("weights are numbers above 0, one for each picture")
        if self.origins is not None and self.origins.shape != self.labels.shape:
            raise DataError("origins are names, one for each picture")

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, label: int) -> "Split":
        """The pictures with that label, which becomes 0."""
        own = self.labels == label
        return Split(
            self.images[own],
            np.zeros(own.sum(), np.int64),
            None if self.weights is None else self.weights[own],
            None if self.origins is None else self.origins[own],
        )


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set under its name; a label counts into `classes`, `sha256` names the unzipped files it was read from.

    `sources` are the collections it was put together from, each with its terms; empty where there is but one. The last
    `variants` training pictures are made from others. `notes` are lines for the user about how the data was read.
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
        """The data set of one class alone. Raises `DataError` where there is no such class."""
        if name not in self.classes:
            raise DataError(f"{self.name} has no class {name!r}; it has {', '.join(self.classes)}")
        label = self.classes.index(name)
        return replace(self, classes=(name,), train=self.train.of(label), test=self.test.of(label))

    def counted_as(self, classes: tuple[str, ...]) -> "Dataset":
        """The data set with labels that count into `classes`, which hold all of its own."""
        places = np.array([classes.index(name) for name in self.classes], np.int64)
        train, test = (replace(split, labels=places[split.labels]) for split in (self.train, self.test))
        return replace(self, classes=classes, train=train, test=test)

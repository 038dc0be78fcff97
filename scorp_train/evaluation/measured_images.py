"""Pictures with everything that the measures want to know of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorp_train.data import Split
from scorp_train.judge import Judge, Reading
from scorp_train.measures.style import measure_styles


@dataclass(frozen=True, eq=False)
class Collection:
    """N pictures uint8 (N, 28, 28), labels int64 (N,), the judge's reading, styles float32 (N, 4)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    reading: Reading
    styles: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.int64]) -> "Collection":
        """The pictures at these places."""
        reading = Reading(self.reading.logits[indices], self.reading.features[indices])
        return Collection(self.images[indices], self.labels[indices], reading, self.styles[indices])

    def some(self, count: int, seed: int) -> "Collection":
        """At most `count` pictures, picked at random."""
        if count >= len(self):
            return self
        return self.take(np.random.default_rng(seed).permutation(len(self))[:count])


def collect(images: NDArray[np.uint8], labels: NDArray[np.int64] | None, judge: Judge) -> Collection:
    """Read and measure pictures; where they have no labels, the judge's own reading stands in."""
    reading = judge.read(images)
    return Collection(images, reading.labels if labels is None else labels, reading, measure_styles(images))


def even_samples(split: Split, count: int, samples: int, seed: int) -> list[NDArray[np.int64]]:
    """Places of `samples` disjoint samples of about `count` pictures of a split, the classes in even shares.

    Samples are smaller where the split has not enough of a class.
    """
    random = np.random.default_rng(seed)
    present = np.unique(split.labels)
    parts: list[list[NDArray[np.int64]]] = [[] for _ in range(samples)]
    for label in present:
        members = random.permutation(np.flatnonzero(split.labels == label))
        each = min(-(-count // len(present)), len(members) // samples)
        for number, part in enumerate(parts):
            part.append(members[number * each : (number + 1) * each])
    return [random.permutation(np.concatenate(part))[:count] for part in parts]

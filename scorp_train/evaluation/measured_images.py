"""Images with what every metric needs: the judge's reading and the measured styles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorp_train.data import Dataset, Split
from scorp_train.judge import Judge, Reading
from scorp_train.measures.style import measure_styles

from .sample_sizes import SampleSizes


@dataclass(frozen=True, eq=False)
class MeasuredImages:
    """N images uint8 (N, 28, 28), labels int64 (N,), the judge's reading, styles float32 (N, 4)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    reading: Reading
    styles: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.int64]) -> "MeasuredImages":
        """Return the images at these indices."""
        return MeasuredImages(
            self.images[indices], self.labels[indices], self.reading.take(indices), self.styles[indices]
        )

    def sample(self, count: int, seed: int) -> "MeasuredImages":
        """Return at most `count` images, chosen at random."""
        if count >= len(self):
            return self
        return self.take(np.random.default_rng(seed).permutation(len(self))[:count])


def measure_images(
    images: NDArray[np.uint8], labels: NDArray[np.int64] | None, judge: Judge
) -> MeasuredImages:
    """Read and measure images; without labels, the judge's reading replaces them."""
    reading = judge.read(images)
    styles = measure_styles(images)
    return MeasuredImages(images, reading.labels if labels is None else labels, reading, styles)


@dataclass(frozen=True, eq=False)
class RealImages:
    """A measured dataset: the `test` images are the reference, the `samples` of training images the baselines."""

    dataset: Dataset
    judge: Judge
    test: MeasuredImages
    samples: tuple[MeasuredImages, ...]


def measure_real(dataset: Dataset, judge: Judge, sizes: SampleSizes, count: int, seed: int) -> RealImages:
    """Measure the test split and `sizes.real_samples` samples of `count` training images."""
    train, test = dataset.train, dataset.test
    samples = even_samples(train, count, sizes.real_samples, seed)
    return RealImages(
        dataset,
        judge,
        measure_images(test.images, test.labels, judge),
        tuple(measure_images(train.images[indices], train.labels[indices], judge) for indices in samples),
    )


def even_samples(split: Split, count: int, samples: int, seed: int) -> list[NDArray[np.int64]]:
    """Return the indices of `samples` disjoint samples of about `count` images, with equal shares of the classes.

    Samples are smaller if the split has too few images of a class.
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

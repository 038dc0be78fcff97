"""Writers: a number that stands for a hand. Its digits share their style and most of their noise, in every seed.

A writer takes the seed's place in an address of its own, at index 0. The normal numbers of a picture are then a mix of
the writer's, which make the hand, and of the sample's, which make no two of its digits equal.
`docs/model-format.md`, section 6, is the specification; `benchmarks/writers.py` measures what the mix gives.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import philox
from .philox import Indices, Purpose

_WHOLE = 256  # normal numbers are multiples of 1 / 256, and so are the shares


@dataclass(frozen=True, slots=True)
class _Mix:
    """How much of a normal number is the writer's and the sample's, in 256ths; the squares add up to about 256^2."""

    purpose: Purpose
    writer: int
    sample: int


_MIXES = {
    Purpose.NOISE: _Mix(Purpose.WRITER_NOISE, 236, 99),
    Purpose.STYLE: _Mix(Purpose.WRITER_STYLE, 248, 63),
}


def normals(
    writer: int | None, seed: int, purpose: Purpose, start: Indices, count: int, size: int
) -> npt.NDArray[np.float32]:
    """Draw the normal numbers of samples that a writer writes; with no writer, those of `address.normals`.

    Args:
        writer: of all the samples.
        seed: of the samples.
        purpose: NOISE or STYLE.
        start: index of the first sample, or an array with the index of each.
        count: of samples.
        size: numbers per sample.

    Returns:
        float32 (count, size), multiples of 1/256.
    """
    samples = philox.normals(seed, purpose, start, count, size)
    if writer is None:
        return samples
    mix = _MIXES[purpose]
    hand = philox.normals(writer, mix.purpose, 0, 1, size)
    # Whole numbers below 2^24 all the way, so float32 holds them exactly.
    total = np.float32(mix.writer * _WHOLE) * hand + np.float32(mix.sample * _WHOLE) * samples
    mixed = np.floor(total / np.float32(_WHOLE) + np.float32(0.5)) / np.float32(_WHOLE)
    return mixed.astype(np.float32, copy=False)


def normals_of_one(writer: int | None, seed: int, purpose: Purpose, index: Indices, size: int) -> list[float]:
    """Draw what `normals` draws for one sample, as numbers of Python."""
    if writer is None:
        return philox.normals_of_one(seed, purpose, index, size)
    numbers: list[float] = normals(writer, seed, purpose, index, 1, size)[0].tolist()
    return numbers

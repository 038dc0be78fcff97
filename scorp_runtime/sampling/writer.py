"""Writers: a number that stands for one person's handwriting, the same in every seed.

The normal numbers of an image are a mix of the writer's, which all its images share, and the sample's, which differ.
`docs/reference/model-format.md`, section 6, is the specification; `benchmarks/writers.py` measures the effect.
"""

import numpy as np
import numpy.typing as npt

from . import philox
from .philox import Indices, Purpose

_UNIT = 256  # normal numbers and the shares below are multiples of 1 / 256


_MIXES = {Purpose.NOISE: (Purpose.WRITER_NOISE, 236, 99), Purpose.STYLE: (Purpose.WRITER_STYLE, 248, 63)}
"""Shares of the writer and the sample in a normal number, in 256ths; their squares sum to about 256^2."""


def normals(
    writer: int | None, seed: int, purpose: Purpose, start: Indices, count: int, size: int
) -> npt.NDArray[np.float32]:
    """Draw the normal numbers of samples by a writer: float32 (count, size), multiples of 1/256.

    Without a writer, they are those of `philox.normals`. The purpose is NOISE or STYLE.
    """
    samples = philox.normals(seed, purpose, start, count, size)
    if writer is None:
        return samples
    of_writer, writer_share, sample_share = _MIXES[purpose]
    own = philox.normals(writer, of_writer, 0, 1, size)
    # Integers below 2^24, which float32 holds exactly.
    total = np.float32(writer_share * _UNIT) * own + np.float32(sample_share * _UNIT) * samples
    mixed = np.floor(total / np.float32(_UNIT) + np.float32(0.5)) / np.float32(_UNIT)
    return mixed.astype(np.float32, copy=False)

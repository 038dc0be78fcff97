"""Pictures in other sizes, in whole numbers, so that every machine and language gets the same pixels.

A triangle filter as wide as the coarser of the two grids (linear interpolation up, an area average down), rows before
columns. `docs/model-format.md`, section 8, is the specification.
"""

import numpy as np
import numpy.typing as npt


def resize(picture: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Resize images uint8 (..., H, W) to a contiguous uint8 (..., height, width); the same size keeps the pixels."""
    across = _weigh(np.moveaxis(picture, -2, -1), height)
    return np.ascontiguousarray(_weigh(np.moveaxis(across, -2, -1), width))


def _weigh(rows: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Resize the last axis."""
    before = rows.shape[-1]
    if before == size:
        return rows
    # Centres of pixels on both grids, in units of 1 / (2 before size) of the side.
    new = (2 * np.arange(size, dtype=np.int64) + 1) * before
    old = (2 * np.arange(before, dtype=np.int64) + 1) * size
    weights = np.maximum(2 * max(before, size) - np.abs(new[:, None] - old), 0)
    total = weights.sum(1)
    # Whole numbers far below 2^53: doubles hold them exactly in any order of summation, and multiply fast.
    sums = rows.reshape(-1, before).astype(np.float64) @ weights.T.astype(np.float64)
    resized: npt.NDArray[np.int64] = (2 * sums.astype(np.int64) + total) // (2 * total)
    return resized.astype(np.uint8).reshape(*rows.shape[:-1], size)

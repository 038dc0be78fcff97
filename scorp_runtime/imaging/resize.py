"""Resizing in integer arithmetic, so that every machine and language gets the same pixels.

A triangle filter as wide as a pixel of the coarser grid (linear interpolation up, an area average down), rows before
columns. `docs/reference/model-format.md`, section 8, is the specification.
"""

import numpy as np
import numpy.typing as npt


def resize(images: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Resize images uint8 (..., H, W) to a contiguous uint8 (..., height, width); the same size keeps the pixels."""
    tall = _resize_last_axis(np.moveaxis(images, -2, -1), height)
    return np.ascontiguousarray(_resize_last_axis(np.moveaxis(tall, -2, -1), width))


def _resize_last_axis(rows: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    before = rows.shape[-1]
    if before == size:
        return rows
    # Pixel centres on both grids, in units of 1 / (2 before size) of the side.
    new = (2 * np.arange(size, dtype=np.int64) + 1) * before
    old = (2 * np.arange(before, dtype=np.int64) + 1) * size
    weights = np.maximum(2 * max(before, size) - np.abs(new[:, None] - old), 0)
    total = weights.sum(1)
    # Integers far below 2^53: float64 holds them exactly in any order of summation, and multiplies fast.
    sums = rows.reshape(-1, before).astype(np.float64) @ weights.T.astype(np.float64)
    resized: npt.NDArray[np.int64] = (2 * sums.astype(np.int64) + total) // (2 * total)
    return resized.astype(np.uint8).reshape(*rows.shape[:-1], size)

"""Thickness, slant, width and height of many images at once: fast estimates of the Morpho-MNIST measures.

Images are upscaled twice instead of four times. `benchmarks/strokes.py` compares accuracy and speed with the reference,
`benchmarks/morpho_mnist.py`.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import skeletonize

STYLE_NAMES = ("thickness", "slant", "width", "height")
_SCALE = 2
_BLOCK = 64  # images at a time, so that they fit into the CPU cache
_OUTSIDE = 0.01  # share of the ink beyond each side of the bounding parallelogram
# Least squares against the reference on 3,000 training digits of MNIST. Each term is a stroke width in px:
# twice the mean distance along the skeleton, area by half the perimeter, area by length; then an offset.
_THICKNESS = (0.5126, 0.8243, 0.1336, 0.0057)
_WIDTH_EXCESS, _HEIGHT_EXCESS = 0.083, 0.047  # px by which the coarser upscaling reads wider and higher

_Planes = NDArray[np.float32]


def measure_styles(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure thickness (px), slant (degrees, positive leans right), width (px) and height (px) of uint8 (N, H, W).

    Returns float32 (N, 4) in the order of `STYLE_NAMES`; the row of a blank image is NaN.
    """
    rows = np.full((len(images), len(STYLE_NAMES)), np.nan, np.float32)
    drawn = np.flatnonzero(images.min((1, 2)) != images.max((1, 2)))
    for start in range(0, len(drawn), _BLOCK):
        pick = drawn[start : start + _BLOCK]
        planes = _upscale(images[pick])
        rows[pick, 0] = _thickness(planes)
        rows[pick, 1:] = _shape(planes)
    return rows


@cache
def _kernels(height: int, width: int) -> tuple[_Planes, _Planes, _Planes, _Planes]:
    """Return cubic zoom and smoothing as in `skimage.transform.pyramid_expand`, as matrices for rows and columns."""

    def zoom(length: int) -> _Planes:
        matrix = ndimage.zoom(np.eye(length), (_SCALE, 1), order=3, mode="mirror", grid_mode=True)
        return np.asarray(matrix, np.float32)

    def smooth(length: int) -> _Planes:
        matrix = ndimage.gaussian_filter1d(np.eye(_SCALE * length), 2 * _SCALE / 6, axis=0)
        return np.asarray(matrix, np.float32)

    return zoom(height), zoom(width).T, smooth(height), smooth(width).T


def _upscale(images: NDArray[np.uint8]) -> _Planes:
    zoom_rows, zoom_columns, smooth_rows, smooth_columns = _kernels(*images.shape[1:])
    ink = images.astype(np.float32)
    low, high = ink.min((1, 2), keepdims=True), ink.max((1, 2), keepdims=True)
    planes: _Planes = smooth_rows @ np.clip(zoom_rows @ ink @ zoom_columns, low, high) @ smooth_columns
    return planes


def _thickness(planes: _Planes) -> NDArray[np.float64]:
    low, high = planes.min((1, 2), keepdims=True), planes.max((1, 2), keepdims=True)
    # A frame of paper keeps images apart when the block is one tall image.
    binary = np.pad(planes >= (low + high) / 2, ((0, 0), (1, 1), (1, 1)))
    tall = binary.reshape(-1, binary.shape[2])
    distance = ndimage.distance_transform_edt(tall).reshape(binary.shape)
    skeleton = skeletonize(tall).reshape(binary.shape)
    length = skeleton.sum((1, 2))
    area = binary.sum((1, 2))
    perimeter = np.diff(binary, axis=1).sum((1, 2)) + np.diff(binary, axis=2).sum((1, 2))
    along = 2 * (distance * skeleton).sum((1, 2)) / length
    a, b, c, offset = _THICKNESS
    thickness: NDArray[np.float64] = (a * along + b * area / perimeter + c * area / length) / _SCALE + offset
    return thickness


def _shape(planes: _Planes) -> NDArray[np.float64]:
    """Return slant, width and height: float64 (N, 3)."""
    count, height, width = planes.shape
    y, x = np.arange(height), np.arange(width)
    ink = planes.astype(np.float64)
    mass = ink.sum((1, 2))
    rows, columns = ink.sum(2), ink.sum(1)
    middle = rows @ y / mass
    dx, dy = x - (columns @ x / mass)[:, None], y - middle[:, None]
    across = np.einsum("nyx,nx,ny->n", ink, dx, dy, optimize=True)
    down = (rows * dy**2).sum(1)
    shear = np.divide(across, down, out=np.zeros(count), where=down > 0)
    # As in Morpho-MNIST, a pixel is left of column t if x + .5 < t + shear (y - middle).
    column = np.floor(x + 0.5 - (shear[:, None] * dy)[:, :, None]).astype(np.intp)
    column = np.clip(column, 0, width - 1) + width * np.arange(count)[:, None, None]
    bins = np.bincount(column.ravel(), ink.ravel(), minlength=count * width)
    sheared = bins.reshape(count, width).astype(np.float64)
    width_px = _extent(sheared) / _SCALE - _WIDTH_EXCESS
    height_px = _extent(rows) / _SCALE - _HEIGHT_EXCESS
    return np.stack([np.degrees(np.arctan(-shear)), width_px, height_px], 1)


def _extent(histogram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far apart the positions are that leave `_OUTSIDE` of each row's mass on either side."""
    below = np.cumsum(histogram, 1) - histogram
    below /= histogram.sum(1, keepdims=True)

    def position(share: float) -> NDArray[np.float64]:
        above = np.clip((below < share).sum(1), 1, histogram.shape[1] - 1)[:, None]
        high = np.take_along_axis(below, above, 1)[:, 0]
        low = np.take_along_axis(below, above - 1, 1)[:, 0]
        part = np.divide(share - low, high - low, out=np.ones_like(high), where=high > low)
        where: NDArray[np.float64] = above[:, 0] - 1 + np.clip(part, 0, 1)
        return where

    return position(1 - _OUTSIDE) - position(_OUTSIDE)

"""Similarity of pairs of images, and how to pair them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .neighbours import nearest

Images = NDArray[np.uint8]
_SIGMA, _TRUNCATE, _MARGIN = 1.5, 3.5, 5  # the 11 x 11 Gaussian window of Wang et al.
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_BLOCK = 512


@cache
def _window(length: int) -> NDArray[np.float64]:
    matrix = ndimage.gaussian_filter1d(np.eye(length), _SIGMA, axis=0, truncate=_TRUNCATE)
    return np.asarray(matrix[_MARGIN:-_MARGIN], np.float64)


def ssim(a: Images, b: Images) -> NDArray[np.float64]:
    """Return the structural similarity (Wang et al. 2004) of pairs of images uint8 (N, H, W): float64 (N,).

    It equals scikit-image's `structural_similarity` with a Gaussian window of sigma 1.5, population covariance and a
    data range of 255, which takes one image at a time. Raises ValueError for images smaller than 11 x 11.
    """
    if a.shape != b.shape or a.ndim != 3 or min(a.shape[1:]) < 2 * _MARGIN + 1:
        raise ValueError(f"need pairs of images of at least 11 x 11 pixels, not {a.shape} and {b.shape}")
    parts = [_ssim(a[i : i + _BLOCK], b[i : i + _BLOCK]) for i in range(0, len(a), _BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0)


def _ssim(a: Images, b: Images) -> NDArray[np.float64]:
    rows, columns = _window(a.shape[1]), _window(a.shape[2]).T
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = rows @ x @ columns, rows @ y @ columns
    var_x = rows @ (x * x) @ columns - mean_x**2
    var_y = rows @ (y * y) @ columns - mean_y**2
    shared = rows @ (x * y) @ columns - mean_x * mean_y
    top = (2 * mean_x * mean_y + _C1) * (2 * shared + _C2)
    bottom = (mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2)
    similarity: NDArray[np.float64] = (top / bottom).mean((1, 2))
    return similarity


def mean_squared_error(a: Images, b: Images) -> NDArray[np.float64]:
    """Return the mean squared error of pairs of images uint8 (N, H, W), scaled to 0 to 1: float64 (N,)."""
    error: NDArray[np.float64] = ((a / 255.0 - b / 255.0) ** 2).mean((1, 2))
    return error


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest reference of the same class for each image, by mean squared error; -1 and NaN if there is none."""

    index: NDArray[np.int64]
    mse: NDArray[np.float64]
    ssim: NDArray[np.float64]


def nearest_of_class(
    images: Images, labels: NDArray[np.int64], references: Images, reference_labels: NDArray[np.int64]
) -> Nearest:
    """Pair each image uint8 (N, H, W) with its nearest reference uint8 (M, H, W) of the same class."""
    index = np.full(len(images), -1, np.int64)
    flat, reference_flat = images.reshape(len(images), -1), references.reshape(len(references), -1)
    for label in np.unique(labels):
        own, others = np.flatnonzero(labels == label), np.flatnonzero(reference_labels == label)
        if len(others):
            index[own] = others[nearest(flat[own], reference_flat[others])[1]]
    error, similarity = np.full(len(images), np.nan), np.full(len(images), np.nan)
    found = np.flatnonzero(index >= 0)
    error[found] = mean_squared_error(images[found], references[index[found]])
    similarity[found] = ssim(images[found], references[index[found]])
    return Nearest(index, error, similarity)


def intra_class_ssim(images: Images, labels: NDArray[np.int64], pairs: int, seed: int) -> float:
    """Return the mean SSIM of random pairs of different images of one class (Odena, Olah and Shlens 2017).

    A higher value than for real images means less variety. It is NaN if no class has two images.
    """
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(labels)), labels))
    partner = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        partner[members] = np.roll(members, 1) if len(members) > 1 else -1
    usable = np.flatnonzero(partner >= 0)
    first = random.permutation(usable)[:pairs]
    return float(ssim(images[first], images[partner[first]]).mean()) if len(first) else float("nan")

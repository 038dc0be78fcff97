"""How alike two pictures are. Only pairs have a similarity: say what is paired with what."""

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
    """Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004) of N pairs of uint8 (N, H, W): float64 (N,).

    Gaussian window of sigma 1.5, population covariance, data range 255: scikit-image's `structural_similarity`
    with these settings gives the same figures, a picture at a time. Pictures have at least 11 x 11 pixels.
    """
    if a.shape != b.shape or a.ndim != 3 or min(a.shape[1:]) < 2 * _MARGIN + 1:
        raise ValueError(f"pairs of pictures of at least 11 x 11 are needed, not {a.shape} and {b.shape}")
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
    """Mean squared error of N pairs of uint8 (N, H, W), with grey values in 0 ... 1: float64 (N,)."""
    error: NDArray[np.float64] = ((a / 255.0 - b / 255.0) ** 2).mean((1, 2))
    return error


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest reference of the same class for each picture, by mean squared error; -1 and NaN without one."""

    index: NDArray[np.int64]
    mse: NDArray[np.float64]
    ssim: NDArray[np.float64]


def nearest_of_class(
    images: Images, labels: NDArray[np.int64], references: Images, reference_labels: NDArray[np.int64]
) -> Nearest:
    """Pair every picture uint8 (N, H, W) with its nearest reference uint8 (M, H, W) of the same class."""
    index = np.full(len(images), -1, np.int64)
    flat, reference_flat = images.reshape(len(images), -1), references.reshape(len(references), -1)
    for label in np.unique(labels):
        mine, theirs = np.flatnonzero(labels == label), np.flatnonzero(reference_labels == label)
        if len(theirs):
            index[mine] = theirs[nearest(flat[mine], reference_flat[theirs])[1]]
    mse, alike = np.full(len(images), np.nan), np.full(len(images), np.nan)
    found = np.flatnonzero(index >= 0)
    mse[found] = mean_squared_error(images[found], references[index[found]])
    alike[found] = ssim(images[found], references[index[found]])
    return Nearest(index, mse, alike)


def intra_class_ssim(images: Images, labels: NDArray[np.int64], pairs: int, seed: int) -> float:
    """Mean SSIM of `pairs` random pairs of different pictures of one class (Odena, Olah and Shlens 2017).

    Higher than for real digits means less variety. Classes weigh as they occur; NaN if no class has two.
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

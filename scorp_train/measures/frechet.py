"""Distances between two sets of features: Frechet and kernel."""

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32] | NDArray[np.float64]
_BLOCK = 512


def frechet_distance(a: Features, b: Features) -> float:
    """Return the Frechet distance (Heusel et al. 2017) between Gaussians fitted to `a` (N, D) and `b` (M, D).

    It is in squared units of the features, and biased by about 1/N; compare only sets of equal size.
    """
    mean_a, mean_b = a.mean(0, np.float64), b.mean(0, np.float64)
    cov_a, cov_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    # tr sqrt(A B) by symmetric roots: sqrt(A) B sqrt(A) has the same eigenvalues as A B.
    root = _square_root(cov_a)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_b @ root), 0, None)).sum()
    distance = ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * shared
    return float(max(distance, 0.0))


def kernel_distance(a: Features, b: Features) -> float:
    """Return the unbiased squared maximum mean discrepancy of a cubic kernel: KID (Binkowski et al. 2018).

    It may be slightly negative for equal distributions. The features `a` (N, D) and `b` (M, D) are scaled by the
    standard deviation of `b`, so the distance does not depend on their unit.
    """
    scale = float(np.std(b, axis=0, dtype=np.float64).mean()) or 1.0
    centre = b.mean(0, np.float64)
    x, y = (a - centre) / scale, (b - centre) / scale
    return float(_mean_of_others(x) + _mean_of_others(y) - 2 * _kernel_sum(x, y) / (len(x) * len(y)))


def _mean_of_others(x: NDArray[np.float64]) -> float:
    """Return the mean kernel over pairs of different points."""
    with_itself = float((((x * x).mean(1) + 1) ** 3).sum())
    return (_kernel_sum(x, x) - with_itself) / (len(x) * (len(x) - 1))


def _kernel_sum(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the sum of the cubic kernel over all pairs, computed in blocks of rows."""
    starts = range(0, len(x), _BLOCK)
    return sum(float(((x[start : start + _BLOCK] @ y.T / x.shape[1] + 1) ** 3).sum()) for start in starts)


def _square_root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root

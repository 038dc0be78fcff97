"""Nearest neighbours, computed in blocks, and the scores based on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32] | NDArray[np.float64] | NDArray[np.uint8]  # or pixels
_ENTRIES = 1 << 23  # distances held at a time


@dataclass(frozen=True)
class ManifoldScores:
    """Shares from 0 to 1, except density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifold_scores(real: Features, fake: Features, k: int = 5) -> ManifoldScores:
    """Return precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020).

    A set's manifold is the union of balls around its points, each reaching the k-th neighbour in the same set. Memory
    grows with N + M only.

    Args:
        real: features (N, D).
        fake: features (M, D).
        k: which neighbour a ball reaches.

    Raises:
        ValueError: if a set has at most k points.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"{k} neighbours need more than {k} points, not {len(real)} and {len(fake)}")
    real_radius, fake_radius = _radii(real, k), _radii(fake, k)
    inside = np.zeros(len(fake), np.int64)  # number of real balls around each fake point
    recalled = np.zeros(len(real), bool)
    covered = np.zeros(len(real), bool)
    for rows, squared in _blocks(real, fake):
        within = squared <= real_radius[rows, None]
        inside += within.sum(0)
        covered[rows] = within.any(1)
        recalled[rows] = (squared <= fake_radius).any(1)
    return ManifoldScores(
        precision=float((inside > 0).mean()),
        recall=float(recalled.mean()),
        density=float(inside.mean() / k),
        coverage=float(covered.mean()),
    )


def nearest(
    queries: Features, references: Features, *, skip_self: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distance (N,) to the nearest of `references` (M, D) for each of `queries` (N, D), and its index (N,).

    With `skip_self`, query i ignores reference i, for neighbours within one set.
    """
    distances = np.empty(len(queries))
    indices = np.empty(len(queries), np.int64)
    for rows, squared in _blocks(queries, references):
        if skip_self:
            squared[np.arange(squared.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        indices[rows] = squared.argmin(1)
        distances[rows] = np.sqrt(squared.min(1))
    return distances, indices


def _radii(points: Features, k: int) -> NDArray[np.float64]:
    """Return the squared distance of each point to its k-th neighbour in the set."""
    radii = np.empty(len(points))
    for rows, squared in _blocks(points, points):
        squared[np.arange(squared.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        radii[rows] = np.partition(squared, k - 1, 1)[:, k - 1]
    return radii


def _blocks(a: Features, b: Features) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield blocks of rows of `a` with their squared distances to all of `b`."""
    # Centring keeps the precision of the expansion below.
    centre = b.mean(0, np.float64)
    x, y = a - centre, b - centre
    x_norm, y_norm = np.einsum("nd,nd->n", x, x), np.einsum("nd,nd->n", y, y)
    block = max(_ENTRIES // max(len(y), 1), 1)
    for start in range(0, len(x), block):
        rows = slice(start, min(start + block, len(x)))
        squared = x_norm[rows, None] + y_norm - 2 * (x[rows] @ y.T)
        yield rows, np.clip(squared, 0, None, out=squared)

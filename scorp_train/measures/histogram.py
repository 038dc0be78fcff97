"""Counts of classes and what chance says about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's statistic and the probability of one at least as large by chance."""

    statistic: float
    p_value: float


def class_counts(labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """How often each of `classes` classes occurs: int64 (K,)."""
    return np.bincount(labels, minlength=classes).astype(np.int64)


def chi_square(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> ChiSquare:
    """Pearson's test of `counts` (K,) against expected `shares` (K,), which need not sum to one.

    Counts in a class of share zero are infinitely unlikely.
    """
    expected = shares / shares.sum() * counts.sum()
    possible = expected > 0
    if counts[~possible].any():
        return ChiSquare(float("inf"), 0.0)
    if possible.sum() < 2:
        return ChiSquare(0.0, 1.0)
    statistic = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    return ChiSquare(statistic, float(stats.chi2.sf(statistic, int(possible.sum()) - 1)))


def entropy(counts: NDArray[np.int64]) -> float:
    """Shannon entropy of the shares in bits; log2(K) when all K classes are equally frequent."""
    return float(stats.entropy(counts, base=2))

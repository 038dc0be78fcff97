"""Class counts and how well they fit expected shares."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def class_counts(labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Count how often each of `classes` classes occurs: int64 (K,)."""
    return np.bincount(labels, minlength=classes).astype(np.int64)


def chi_square_p(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    """Return the p-value of Pearson's test of `counts` (K,) against expected `shares` (K,).

    Shares need not sum to one. A count in a class of share zero is impossible, so its p-value is 0.
    """
    possible = shares > 0
    if counts[~possible].any():
        return 0.0
    if possible.sum() < 2:
        return 1.0
    expected = shares[possible] / shares.sum() * counts.sum()
    return float(stats.chisquare(counts[possible], expected).pvalue)


def entropy(counts: NDArray[np.int64]) -> float:
    """Return the Shannon entropy of the shares in bits: log2(K) if all K classes are equally frequent."""
    return float(stats.entropy(counts, base=2))

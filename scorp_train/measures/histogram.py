"""How well class counts fit expected shares."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats


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

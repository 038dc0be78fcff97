"""How large characters are beside the capitals of their writer, and where they stand on a line of text.

A tablet's units differ and people write larger or smaller from page to page, so the height of the capitals is estimated
around each character. Where a character stands is not recorded; it follows from its class, as typographers know it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_WINDOW = 31  # characters of a writer around each, whose sizes give the height of the capitals
_FEWEST = 10  # characters for that; else all of the writer's
_ROUNDS = 4
_FLAT = 0.55  # of a capital's height: classes below say little about it, such as dots and dashes

X_HEIGHT = 0.6  # of a capital's height
ASCENDER = 1.1


class _Place(NamedTuple):
    """The part of a character that is at a given height: 0 = its lower edge, 0.5 = its middle, 1 = its upper edge."""

    part: float
    height: float


# Characters that are not listed stand on the baseline.
_PLACES = {
    **dict.fromkeys("'\"`^*", _Place(1, ASCENDER)),
    **dict.fromkeys("()[]{}|/\\$", _Place(0.5, 0.45)),
    **dict.fromkeys("-=+<>~", _Place(0.5, 0.4)),
    ",": _Place(1, 0.15),
    ";": _Place(1, X_HEIGHT),
    "_": _Place(1, 0),
}
# Characters whose tails reach below the baseline as far as the rest does not fit below this height.
_TAILED = {**dict.fromkeys("gpqy", X_HEIGHT), "j": 0.9, **dict.fromkeys("fJQY", ASCENDER)}


def capital_heights(
    heights: NDArray[np.floating], labels: NDArray[np.str_], writers: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return the height of a capital of the same writer, in the same unit, at the place of each character: (N,).

    The height of a character is that of a capital times a ratio for its class. Both are found in turns, as medians:
    ratios over all writers, and heights of capitals over the neighbours that a writer wrote before and after.

    Args:
        heights: (N,), in any unit for each writer.
        labels: (N,) characters, of which some are capitals.
        writers: (N,); neighbours are those in the order of the arrays.
    """
    logs = np.log(np.maximum(heights, 0.5))
    classes, label = np.unique(labels, return_inverse=True)
    upper = np.array([name.isupper() for name in classes.tolist()])
    runs = np.split(np.arange(len(labels)), 1 + np.flatnonzero(writers[1:] != writers[:-1]))
    capitals = _medians(logs, np.unique(writers, return_inverse=True)[1])
    ratios = np.zeros(len(classes))
    for _ in range(_ROUNDS):
        residuals = logs - capitals
        ratios = np.array([np.median(residuals[label == k]) for k in range(len(classes))])
        ratios -= ratios[upper].mean() if upper.any() else 0
        tall = (ratios > np.log(_FLAT))[label]
        capitals = _local_capitals(logs - ratios[label], tall, runs, writers)
    return np.exp(capitals)


def _medians(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median of each value's group."""
    medians = np.array([np.median(values[groups == k]) for k in range(int(groups.max()) + 1)])
    return medians[groups]


def _local_capitals(
    estimates: NDArray[np.float64],
    tall: NDArray[np.bool_],
    runs: list[NDArray[np.int64]],
    writers: NDArray[np.str_],
) -> NDArray[np.float64]:
    """Return the running median of the estimates of tall characters, (N,), within each run of one writer."""
    _, writer = np.unique(writers, return_inverse=True)
    known = np.where(tall, estimates, np.nan)
    overall = np.array([_median(known[writer == k], estimates[writer == k]) for k in range(writer.max() + 1)])
    local = np.empty(len(estimates))
    for run in runs:
        used = run[tall[run]]
        if len(used) < _FEWEST:
            local[run] = overall[writer[run[0]]]
        else:
            smooth = ndimage.median_filter(estimates[used], min(_WINDOW, len(used)), mode="nearest")
            local[run] = np.interp(run, used, smooth)
    return local


def _median(known: NDArray[np.float64], otherwise: NDArray[np.float64]) -> float:
    chosen = known[~np.isnan(known)]
    return float(np.median(chosen if len(chosen) else otherwise))


def place_on_line(labels: NDArray[np.str_], heights: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return how high the lower edge of each character is above the baseline, float32 (N,); below is negative.

    Args:
        labels: (N,) characters.
        heights: (N,), relative to a capital, as is the result.
    """
    lower = np.zeros(len(labels))
    for name in np.unique(labels).tolist():
        own = labels == name
        if name in _TAILED:
            lower[own] = np.minimum(0, _TAILED[name] - heights[own])
        elif name in _PLACES:
            part, height = _PLACES[name]
            lower[own] = height - part * heights[own]
    return lower.astype(np.float32)

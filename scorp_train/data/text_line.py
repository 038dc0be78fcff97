"""How large characters are beside the capitals of their writer, and where they stand on a line of text.

A tablet's units differ and people write larger or smaller from page to page, so the height of the capitals is estimated
around each character. Where a character stands is not recorded; it follows from its class, as typographers know it.
"""

from typing import Any, NamedTuple

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
    heights: NDArray[np.floating[Any]], labels: NDArray[np.str_], writers: NDArray[np.str_]
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
    _, writer = np.unique(writers, return_inverse=True)
    upper = np.array([name.isupper() for name in classes.tolist()])
    capitals = _medians(logs, writer)[writer]
    for _ in range(_ROUNDS):
        ratios = _medians(logs - capitals, label)
        ratios -= ratios[upper].mean() if upper.any() else 0
        tall = (ratios > np.log(_FLAT))[label]
        capitals = _running_medians(logs - ratios[label], tall, writer)
    return np.exp(capitals)


def _medians(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median of each group, (K,)."""
    return np.array([np.median(values[groups == k]) for k in range(int(groups.max()) + 1)])


def _running_medians(
    capitals: NDArray[np.float64], tall: NDArray[np.bool_], writer: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the median of `capitals` (N,) around each character, over the tall ones of the same writer."""
    running = np.empty(len(capitals))
    for number in range(int(writer.max()) + 1):
        own = capitals[writer == number]
        known = own[tall[writer == number]]
        running[writer == number] = np.median(known if len(known) else own)
    for run in np.split(np.arange(len(writer)), 1 + np.flatnonzero(np.diff(writer))):
        near = run[tall[run]]
        if len(near) >= _FEWEST:
            smooth = ndimage.median_filter(capitals[near], min(_WINDOW, len(near)), mode="nearest")
            running[run] = np.interp(run, near, smooth)
    return running


def place_on_line(labels: NDArray[np.str_], heights: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
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

"""Grey levels of a whole data set: which stored value means 255. Never decided for a single image."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

LEAST_CONTRAST = 40
"""Grey levels that ink and paper differ by at least, of 255; below, an image is blank."""
MOST_BRIGHT = 140
"""Mean grey level above which images have bright paper."""
_MOST_ODD = 0.01  # share of images that may be of another range or polarity: a few are bad writing
_OVERSHOOT = 0.1  # of the highest value: what resampling may add below zero


class Levels:
    """The range of each type of value (uint8, uint16, ...): `see` all images, `settle`, then convert with `grey`."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float, str]] = {}
        self._range: dict[str, tuple[float, float]] = {}

    def see(self, values: NDArray[np.generic], where: str) -> None:
        """Take the values of one image or more into account; `where` names them. Raises `DataError`."""
        if not np.isfinite(values).all():
            raise DataError(f"{where}: it holds values that are not finite numbers")
        kind = values.dtype.name
        low, high = float(values.min()), float(values.max())
        lowest, highest, place = self._seen.get(kind, (low, high, where))
        self._seen[kind] = (min(low, lowest), max(high, highest), where if low < lowest else place)

    def settle(self) -> tuple[str, ...]:
        """Decide the ranges; returns a line for each that is not the usual one. Raises `DataError`."""
        notes = []
        for kind, (low, high, where) in self._seen.items():
            black, white = _range(kind, low, high, where)
            self._range[kind] = black, white
            if (black, white) != (0, _usual(kind)):
                notes.append(f"{kind} values run from {low:g} to {high:g}; {white:g} is read as 255")
        return tuple(notes)

    def grey(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """The values as grey levels 0 to 255."""
        black, white = self._range[values.dtype.name]
        if values.dtype == np.uint8 and (black, white) == (0, 255):
            return np.asarray(values, np.uint8)
        share = (values.astype(np.float32) - np.float32(black)) / np.float32(white - black)
        grey: NDArray[np.uint8] = np.rint(share.clip(0, 1) * 255).astype(np.uint8)
        return grey


# The values of white by type; others are the highest value that occurs in the data set.
_FULL = {"bool": (1,), "uint8": (255,), "uint16": (65535,), "int32": (65535,)}
_FULL_FLOAT = (1, 255, 65535)


def _usual(kind: str) -> float:
    return float(_FULL.get(kind, (255,))[-1])


def _range(kind: str, low: float, high: float, where: str) -> tuple[float, float]:
    """The values of black and of white."""
    if low < 0 and low < -_OVERSHOOT * high:
        if low >= -1.05 and 0 < high <= 1.05:
            return -1.0, 1.0
        raise DataError(
            f"{where}: values down to {low:g}; save the images with values from 0 (black) upwards"
        )
    if high <= 0:
        return 0.0, _usual(kind)  # all are blank, which is found later
    full = next((full for full in _FULL.get(kind, _FULL_FLOAT) if high <= full), high)
    # Images in which not even half of the range occurs use another: 12 bits of 16, or 0 and 1.
    return 0.0, float(full if 2 * high > full else high)


def even_out(
    arrays: Mapping[str, NDArray[np.generic]], invert: bool, where: str
) -> tuple[dict[str, NDArray[np.uint8]], tuple[str, ...]]:
    """Arrays of images (N, H, W) by name as grey levels, 255 = ink, and lines about what was decided.

    With `invert`, ink is dark on light paper. Raises `DataError` where that is wrong, or the arrays differ in it.
    """
    levels = Levels()
    for name, array in arrays.items():
        if array.size:
            levels.see(array, f"{where}: {name}")
    notes = levels.settle()
    result = {}
    for name, array in arrays.items():
        grey = levels.grey(array) if array.size else np.zeros(array.shape, np.uint8)
        result[name] = 255 - grey if invert else grey
        if len(array):
            _check(result[name], invert, f"{where}: {name}")
    return result, notes


def _check(images: NDArray[np.uint8], invert: bool, where: str) -> None:
    """Raise `DataError` where images are mostly bright, or some of them are of another range or polarity."""
    if images.mean() > MOST_BRIGHT:
        remedy = "leave out" if invert else "if their ink is dark on light paper, pass"
        raise DataError(
            f"{where}: the images are mostly bright, but 0 should be paper; "
            f"{remedy} --invert (scorp-eval: --invert-data)"
        )
    contrast = images.max((1, 2)).astype(np.int64) - images.min((1, 2))
    bright = images > 127
    edge = np.ones(images.shape[1:], np.bool_)
    edge[1:-1, 1:-1] = False
    for odd, what in (
        ((contrast > 0) & (contrast < LEAST_CONTRAST), "use another range of values than most"),
        (
            (bright.mean((1, 2)) > 0.5) & (bright[:, edge].mean(1) > 0.95),
            "are dark ink on light paper, unlike most",
        ),
    ):
        if odd.mean() > _MOST_ODD:
            raise DataError(
                f"{where}: {odd.sum()} images, such as number {odd.argmax()} (from 0), {what}; "
                "store all images alike"
            )

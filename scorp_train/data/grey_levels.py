"""Grey levels of a dataset: which stored value becomes 255. They are decided for all images together."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

LEAST_CONTRAST = 40
"""Least difference between ink and paper, of 255; an image with less is blank."""
MOST_BRIGHT = 140
"""Mean grey level above which images have bright paper."""
_MOST_ODD = 0.01  # share of images that may have another range or polarity: a few are bad writing
_OVERSHOOT = 0.1  # of the highest value: what resampling may add below zero
_WHITE = {"bool": 1, "uint8": 255, "uint16": 65535, "int32": 65535}  # by type
_WHITE_FLOAT = (1, 255, 65535)


class GreyLevels:
    """The range of each type of value: `observe` all images, `decide`, then `convert` them."""

    def __init__(self) -> None:
        self._observed: dict[str, tuple[float, float, str]] = {}
        self._range: dict[str, tuple[float, float]] = {}

    def observe(self, values: NDArray[np.generic], where: str) -> None:
        """Include the values of one or more images; `where` names them. Raises `DataError` if one is not finite."""
        if not np.isfinite(values).all():
            raise DataError(f"{where}: it holds values that are not finite numbers")
        kind = values.dtype.name
        low, high = float(values.min()), float(values.max())
        lowest, highest, place = self._observed.get(kind, (low, high, where))
        self._observed[kind] = (min(low, lowest), max(high, highest), where if low < lowest else place)

    def decide(self) -> tuple[str, ...]:
        """Decide the ranges, and return a note for each unusual one. Raises `DataError`."""
        notes = []
        for kind, (low, high, where) in self._observed.items():
            black, white = self._range[kind] = _range(kind, low, high, where)
            if (black, white) != (0, _WHITE.get(kind, 255)):
                notes.append(f"{kind} values run from {low:g} to {high:g}; {white:g} is read as 255")
        return tuple(notes)

    def convert(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Return the values as grey levels 0 to 255."""
        black, white = self._range[values.dtype.name]
        if values.dtype == np.uint8 and (black, white) == (0, 255):
            return np.asarray(values, np.uint8)
        share = (values.astype(np.float32) - np.float32(black)) / np.float32(white - black)
        grey: NDArray[np.uint8] = np.rint(share.clip(0, 1) * 255).astype(np.uint8)
        return grey


def _range(kind: str, low: float, high: float, where: str) -> tuple[float, float]:
    """Return the values of black and white, from the lowest and highest value of the dataset."""
    if low < 0 and low < -_OVERSHOOT * high:
        if low >= -1.05 and 0 < high <= 1.05:
            return -1.0, 1.0
        raise DataError(
            f"{where}: values down to {low:g}; save the images with values from 0 (black) upwards"
        )
    if high <= 0:
        return 0.0, float(_WHITE.get(kind, 255))  # all images are blank, which is reported later
    usual = (_WHITE[kind],) if kind in _WHITE else _WHITE_FLOAT
    white = next((white for white in usual if high <= white), high)
    # If less than half of the range occurs, the images use another one: 12 of 16 bits, or 0 and 1.
    return 0.0, float(white if 2 * high > white else high)


def to_grey(
    arrays: Mapping[str, NDArray[np.generic]], invert: bool, where: str
) -> tuple[dict[str, NDArray[np.uint8]], tuple[str, ...]]:
    """Convert named arrays of images (N, H, W) to grey levels, 255 = ink, and return notes about the range.

    With `invert`, ink is dark on light paper. Raises `DataError`.
    """
    levels = GreyLevels()
    for name, array in arrays.items():
        levels.observe(array, f"{where}: {name}")
    notes = levels.decide()
    grey = {name: levels.convert(array) for name, array in arrays.items()}
    return {name: 255 - array if invert else array for name, array in grey.items()}, notes


def border_of(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a mask of the outermost pixels of an image of that shape (H, W)."""
    border = np.ones(shape, np.bool_)
    border[1:-1, 1:-1] = False
    return border


def check_polarity(images: NDArray[np.uint8], invert: bool, where: str) -> None:
    """Raise `DataError` if the images are mostly bright, or too many have another range or polarity than most."""
    if images.mean() > MOST_BRIGHT:
        remedy = "remove" if invert else "if their ink is dark on light paper, pass"
        raise DataError(
            f"{where}: the images are mostly bright, but 0 should be paper; "
            f"{remedy} --invert (scorp-eval: --invert-data)"
        )
    contrast = images.max((1, 2)).astype(np.int64) - images.min((1, 2))
    bright = images > 127
    bright_border = bright[:, border_of(images.shape[1:])].mean(1) > 0.95
    for odd, difference in (
        ((contrast > 0) & (contrast < LEAST_CONTRAST), "use another range of values than most"),
        ((bright.mean((1, 2)) > 0.5) & bright_border, "are dark ink on light paper, unlike most"),
    ):
        if odd.mean() > _MOST_ODD:
            raise DataError(
                f"{where}: {odd.sum()} images, such as number {odd.argmax()} (from 0), {difference}; "
                "store all images alike"
            )

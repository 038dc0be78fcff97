"""The ink of a picture: its strokes without the specks beside them, and the tight box around them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_STROKE = 64  # grey from which a pixel surely is ink
_LEAST_SHARE = 12  # a component with less than a twelfth of the ink of the largest is a speck


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole pixels: its left and top pixel, its width and its height."""

    x: int
    y: int
    width: int
    height: int


def ink_box(picture: npt.NDArray[np.uint8]) -> Box | None:
    """Return the smallest box that holds every pixel above 0 of a picture (H, W); None for blank paper."""
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    if len(rows) == 0:
        return None
    left, top = int(columns[0]), int(rows[0])
    return Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def blank_class(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> int | None:
    """Return the first label most of whose images (N, H, W) are of a single grey; None without such a label."""
    blank = (images == images[:, :1, :1]).all((1, 2))
    return next((int(label) for label in np.unique(labels) if blank[labels == label].mean() > 0.5), None)


def without_specks(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a picture (H, W) with paper where no stroke is near.

    Strokes are the 8-connected components of pixels of at least 64 that hold a twelfth of the ink of the largest. They
    stay, with the pixels that touch them. A picture without a dark pixel stays as it is.
    """
    parts = _components(picture >= _STROKE)
    if not parts:
        return picture
    weights = [int(picture[part].sum(dtype=np.int64)) for part in parts]
    kept = np.zeros(np.add(picture.shape, 2), bool)
    for part, weight in zip(parts, weights, strict=True):
        if weight * _LEAST_SHARE >= max(weights):
            for down in (0, 1, 2):
                for right in (0, 1, 2):
                    kept[part[0] + down, part[1] + right] = True
    return np.where(kept[1:-1, 1:-1], picture, 0).astype(np.uint8)


def _components(dark: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Return the rows and columns of each 8-connected component."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(dark)), strict=True))
    parts = []
    while left:
        part = [left.pop()]
        for row, column in part:  # which grows as neighbours are found
            around = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= around
            part += around
        parts.append((np.array([row for row, _ in part]), np.array([column for _, column in part])))
    return parts

"""The ink of an image: strokes without specks, and the tight box around them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_STROKE = 64  # pixels from this grey on belong to a stroke


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole pixels; `x` and `y` are its left column and top row.

    Example:
        >>> Generator().sequence("7", seed=1).characters[0].box
        Box(x=4, y=4, width=14, height=21)
    """

    x: int
    y: int
    width: int
    height: int


def ink_box(image: npt.NDArray[np.uint8]) -> Box | None:
    """Return the smallest box around all pixels above 0 of an image (H, W), or None for blank paper."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    if len(rows) == 0:
        return None
    left, top = int(columns[0]), int(rows[0])
    return Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def blank_class(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> int | None:
    """Return the first label with mostly images (N, H, W) of a single grey, or None if there is no such label."""
    blank = (images == images[:, :1, :1]).all((1, 2))
    return next((int(label) for label in np.unique(labels) if blank[labels == label].mean() > 0.5), None)


def without_specks(image: npt.NDArray[np.uint8], share: int = 12) -> npt.NDArray[np.uint8]:
    """Return an image (H, W) with paper wherever no stroke is near.

    A stroke is an 8-connected component of pixels of at least 64 that has at least 1 / `share` of the ink of the
    largest component. Strokes and the pixels that touch them stay. An image without such pixels is returned unchanged.
    """
    parts = _components(image >= _STROKE)
    if not parts:
        return image
    weights = [int(image[part].sum(dtype=np.int64)) for part in parts]
    kept = np.zeros(np.add(image.shape, 2), bool)
    for (rows, columns), weight in zip(parts, weights, strict=True):
        if weight * share >= max(weights):
            for down in (0, 1, 2):
                for right in (0, 1, 2):
                    kept[rows + down, columns + right] = True
    return np.where(kept[1:-1, 1:-1], image, 0).astype(np.uint8)


def _components(dark: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Return the rows and columns of each 8-connected component."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(dark)), strict=True))
    parts = []
    while left:
        part = [left.pop()]
        for row, column in part:  # grows as neighbours are found
            around = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= around
            part += around
        parts.append((np.array([row for row, _ in part]), np.array([column for _, column in part])))
    return parts

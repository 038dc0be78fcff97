"""How MNIST lays out a character: white on black, scaled into a box of 20 pixels, its centre of mass in the middle."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .dataset import SIDE
from .errors import DataError
from .levels import LEAST_CONTRAST

BOX = 20
LAYOUTS = ("auto", "mnist", "none")
_PEPPER = 0.02  # of the largest stroke: smaller bits are dust
_EDGE = 0.35  # of the contrast on either side of the middle: outside are pure paper and pure ink


def lay_out(grey: NDArray[np.uint8], bright_paper: bool | None = None) -> NDArray[np.uint8]:
    """A scan of one character, uint8 (H, W) of any size and either polarity, as MNIST would have it: uint8 (28, 28).

    Where `bright_paper` is None, the more frequent of the two greys (Otsu 1979) is paper; dust is removed, the box of
    the ink scaled so that its longer side is 20 pixels, and the centre of mass moved to the centre of the picture.
    Raises `DataError` on a blank.
    """
    ink = _without_dust(_ink(grey, bright_paper))
    rows, columns = np.flatnonzero(ink.max(1) > 0.5), np.flatnonzero(ink.max(0) > 0.5)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(BOX * length / max(cut.shape))) for length in cut.shape)
    small = Image.fromarray(cut).resize(
        (width, height), Image.Resampling.BOX if max(cut.shape) > BOX else None
    )
    return _centred(np.asarray(small))


def _ink(grey: NDArray[np.uint8], bright_paper: bool | None) -> NDArray[np.float32]:
    """Ink 0 ... 1 of a scan."""
    bright = grey > threshold(grey)
    flip = bright.mean() > 0.5 if bright_paper is None else bright_paper
    stroke, paper = (grey[bright != flip], grey[bright == flip])
    if not len(stroke) or abs(np.median(stroke) - np.median(paper)) < LEAST_CONTRAST:
        raise DataError("blank: ink and paper are of one grey")
    # Halfway between pure ink and pure paper lies the edge of a stroke, however soft its borders are.
    pure, blank = np.quantile(stroke, 0.1 if flip else 0.9), np.median(paper)
    rise = (grey.astype(np.float32) - (pure + blank) / 2) / (2 * _EDGE * (pure - blank))
    ink: NDArray[np.float32] = np.clip(0.5 + rise, 0, 1).astype(np.float32)
    return ink


def threshold(grey: NDArray[np.uint8]) -> float:
    """The grey between ink and paper, after Otsu (1979): where the variance between the two is largest."""
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(counts)[:-1]
    mass = np.cumsum(counts * np.arange(256))
    above = grey.size - below
    gap = mass[:-1] / np.maximum(below, 1) - (mass[-1] - mass[:-1]) / np.maximum(above, 1)
    between = below * above * gap**2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))  # flat where no pixel has a grey
    return float(best.mean()) + 0.5


def _without_dust(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    parts, count = ndimage.label(ink > 0.5, np.ones((3, 3)))
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    dust = np.isin(parts, 1 + np.flatnonzero(sizes < _PEPPER * sizes.max()))
    near = ndimage.binary_dilation(dust, np.ones((3, 3))) & (ink <= 0.5)
    return np.where(dust | near, np.float32(0), ink)


def _centred(small: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture of at most 20 x 20 on the field of 28 x 28, its centre of mass as near to the middle as it fits."""
    field = np.zeros((SIDE, SIDE), np.float32)
    corner = []
    for axis, length in enumerate(small.shape):
        mean = small.sum(1 - axis) @ (np.arange(length) + 0.5) / small.sum()
        corner.append(int(np.clip(round(SIDE / 2 - mean), 0, SIDE - length)))
    field[corner[0] : corner[0] + small.shape[0], corner[1] : corner[1] + small.shape[1]] = small
    return np.rint(field * 255).astype(np.uint8)

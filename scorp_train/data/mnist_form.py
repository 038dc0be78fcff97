"""The form of MNIST's characters: white on black, scaled into a box of 20 pixels, centred by mass."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

from .dataset import SIDE
from .errors import DataError
from .grey_levels import LEAST_CONTRAST

BOX = 20
LAYOUTS = ("auto", "mnist", "none")
_DUST = 0.02  # of the largest stroke: smaller pieces are removed
_EDGE = 0.35  # of the contrast on either side of the middle; beyond are pure paper and pure ink


def to_mnist_form(grey: NDArray[np.uint8], bright_paper: bool | None = None) -> NDArray[np.uint8]:
    """Return a scanned character as MNIST would show it: uint8 (28, 28), 255 = ink.

    Dust is removed, the ink scaled to 20 pixels on its longer side, and its centre of mass moved to the middle.

    Args:
        grey: uint8 (H, W), of any size and polarity.
        bright_paper: whether paper is the brighter grey; None if it is the more frequent one.

    Raises:
        DataError: if the scan is blank.
    """
    ink = _without_dust(_ink(grey, bright_paper))
    rows, columns = np.flatnonzero(ink.max(1) > 0.5), np.flatnonzero(ink.max(0) > 0.5)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(BOX * length / max(cut.shape))) for length in cut.shape)
    filter_ = Image.Resampling.BOX if max(cut.shape) > BOX else None
    return centred(np.asarray(Image.fromarray(cut).resize((width, height), filter_)))


def _ink(grey: NDArray[np.uint8], bright_paper: bool | None) -> NDArray[np.float32]:
    """Return how much of each pixel is ink, 0 to 1."""
    bright = grey > threshold_otsu(grey)
    flip = bright.mean() > 0.5 if bright_paper is None else bright_paper
    stroke, paper = grey[bright != flip], grey[bright == flip]
    if not len(stroke) or abs(np.median(stroke) - np.median(paper)) < LEAST_CONTRAST:
        raise DataError("blank: ink and paper have the same grey")
    # The edge of a stroke is halfway between pure ink and pure paper, however soft it is.
    pure, blank = np.quantile(stroke, 0.1 if flip else 0.9), np.median(paper)
    rise = (grey.astype(np.float32) - (pure + blank) / 2) / (2 * _EDGE * (pure - blank))
    ink: NDArray[np.float32] = np.clip(0.5 + rise, 0, 1).astype(np.float32)
    return ink


def _without_dust(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    pieces, count = ndimage.label(ink > 0.5, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    dust = np.isin(pieces, 1 + np.flatnonzero(sizes < _DUST * sizes.max()))
    near = ndimage.binary_dilation(dust, np.ones((3, 3))) & (ink <= 0.5)
    return np.where(dust | near, np.float32(0), ink)


def centred(small: NDArray[np.float32], side: int = SIDE) -> NDArray[np.uint8]:
    """Place ink, 0 to 1, on an image of `side` px, its centre of mass as near to the middle as possible."""
    image = np.zeros((side, side), np.float32)
    corner = []
    for axis, length in enumerate(small.shape):
        mean = small.sum(1 - axis) @ (np.arange(length) + 0.5) / small.sum()
        corner.append(int(np.clip(round(side / 2 - mean), 0, side - length)))
    image[corner[0] : corner[0] + small.shape[0], corner[1] : corner[1] + small.shape[1]] = small
    return np.rint(image * 255).astype(np.uint8)

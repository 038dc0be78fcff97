"""Specks: bits of stray ink beside the strokes, which other measures miss."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

VISIBLE = 16  # grey level: fainter ink is invisible on paper and screen
SMALL = 3  # pixels: a larger piece may be part of a stroke
_TOUCHING = np.ones((3, 3), bool)


def has_specks(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return whether each image of uint8 (N, H, W) has a visible piece of at most `SMALL` pixels: bool (N,)."""
    found = np.zeros(len(images), bool)
    for number, image in enumerate(images):
        pieces, count = ndimage.label(image >= VISIBLE, _TOUCHING)
        if count > 1:
            found[number] = np.bincount(pieces.ravel())[1:].min() <= SMALL
    return found

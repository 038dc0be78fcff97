"""Pen strokes as images: smoothed, drawn with a round pen, reduced by area, in the form of MNIST."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from .dataset import SIDE
from .mnist_form import BOX, centred

_FINE = 8  # pixels drawn per pixel of the image
_SPACING = 1 / 24  # of the character's longer side, between the points of a smoothed stroke
_ROUNDING = 1 / 60  # of the longer side: the least smoothing, which rounds the corners between distant points
_REACH = 4  # standard deviations

Strokes = Sequence[NDArray[np.float64] | NDArray[np.integer[Any]]]


def draw_strokes(strokes: Strokes, pen: float, side: int = SIDE) -> NDArray[np.uint8]:
    """Return a character in MNIST's form: uint8 (side, side), 255 = ink.

    Its longer side, with the pen, is 20 px of 28, and its centre of mass is in the middle.

    Args:
        strokes: points (P, 2), x to the right and y down, in any unit; a stroke of one point is a dot.
        pen: width of the pen in px of an image of 28 px, at most 20.
        side: height and width of the image in px.
    """
    points = np.concatenate(strokes).astype(float)
    low, extent = points.min(0), np.ptp(points, axis=0)
    box = round(BOX * side / SIDE)
    width = pen / BOX * box * _FINE
    scale = (box * _FINE - width) / max(extent.max(), 1e-9)
    canvas = Image.new("L", (box * _FINE, box * _FINE))
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        path = [tuple(point) for point in ((stroke - low - extent / 2) * scale + box * _FINE / 2).tolist()]
        draw.line(path, 255, round(width))
        for x, y in path:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
    ink = np.asarray(canvas.reduce(_FINE), np.float32)
    return centred(ink / np.float32(255), side)


def smooth_strokes(strokes: Strokes, step: float) -> list[NDArray[np.float64]]:
    """Return the strokes without the steps of the tablet, with points at equal distances.

    Each stroke is smoothed along its length by a Gaussian. Its ends stay where they are.

    Args:
        strokes: points (P, 2) in any unit.
        step: distance of the tablet's grid lines in that unit.
    """
    longer = float(np.ptp(np.concatenate(strokes).astype(float), axis=0).max())
    sigma = max(step, _ROUNDING * longer)
    return [_smooth(np.asarray(stroke, float), _SPACING * longer, sigma) for stroke in strokes]


def _smooth(stroke: NDArray[np.float64], spacing: float, sigma: float) -> NDArray[np.float64]:
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    new = np.concatenate([[True], lengths > 0])
    stroke, place = stroke[new], np.concatenate([[0.0], np.cumsum(lengths)])[new]
    if len(stroke) == 1:
        return stroke
    count = int(np.ceil(place[-1] / spacing)) + 1
    at = np.linspace(0, place[-1], count)
    even = np.stack([np.interp(at, place, stroke[:, axis]) for axis in (0, 1)], 1)
    margin = min(count - 1, int(np.ceil(_REACH * sigma / at[1])))
    # Mirrored at the ends, which therefore stay.
    longer = np.pad(even, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
    smoothed = ndimage.gaussian_filter1d(longer, sigma / at[1], axis=0, truncate=_REACH)
    return np.asarray(smoothed[margin : margin + count])

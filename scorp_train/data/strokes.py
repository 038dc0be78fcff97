"""Pen strokes as images: drawn with a round pen, in the form of MNIST."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .dataset import SIDE

BOX = 20  # px: the longer side of a character, without the pen
_FINE = 8  # pixels drawn per pixel of the image


def draw_strokes(strokes: Sequence[NDArray[np.integer]], pen: float) -> NDArray[np.uint8]:
    """Return a character as an image with its centre of mass in the middle: uint8 (28, 28), 255 = ink.

    Args:
        strokes: points (P, 2), x to the right and y down, in any unit; a stroke of one point is a dot.
        pen: width of the pen in px.
    """
    points = np.concatenate(strokes).astype(float)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = (BOX - pen) * _FINE / max(extent.max(), 1e-9)
    side, width = SIDE * _FINE, pen * _FINE
    canvas = Image.new("L", (2 * side, 2 * side))  # larger than the image: the centre is found afterwards
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        path = [tuple(point) for point in (stroke - low - extent / 2) * scale + side]
        draw.line(path, 255, round(width), "curve")
        for x, y in path:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
    ink = np.asarray(canvas)
    mean = [
        ink.sum(1 - axis, dtype=float) @ (np.arange(2 * side) + 0.5) / ink.sum(dtype=float) for axis in (0, 1)
    ]
    top, left = (round(centre / _FINE) * _FINE - side // 2 for centre in mean)
    return np.asarray(Image.fromarray(ink[top : top + side, left : left + side]).reduce(_FINE))

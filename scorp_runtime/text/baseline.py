"""Baselines that are not straight: bent lines on a page, and the page turned.

Positions are integers, 256ths of a px, so that every machine gets the same pixels. `docs/reference/model-format.md`,
section 7, is the specification.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.imaging.ink import Box, ink_box

Ink = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]

_UNIT = 256  # of a px
_ONE = 1 << 16  # of a cosine
_FLATTEST = 8  # a line bends by at most this fraction of its length


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation by some degrees clockwise around a point in 256ths of a px."""

    x: int
    y: int
    cosine: int  # in 65536ths
    sine: int

    def forth(self, x: Positions, y: Positions) -> tuple[Positions, Positions]:
        """Turn points."""
        dx, dy = x - self.x, y - self.y
        return (
            self.x + (self.cosine * dx - self.sine * dy) // _ONE,
            self.y + (self.sine * dx + self.cosine * dy) // _ONE,
        )

    def back(self, x: Positions, y: Positions) -> tuple[Positions, Positions]:
        """Turn points in the other direction."""
        return Turn(self.x, self.y, self.cosine, -self.sine).forth(x, y)


def turn_by(degrees: float, x: int, y: int) -> Turn:
    """Return a rotation around a point in 256ths of a px."""
    half = tangent(degrees / 2)
    square = half * half
    cosine, sine = (1 - square) / (1 + square), 2 * half / (1 + square)
    return Turn(x, y, math.floor(_ONE * cosine + 0.5), math.floor(_ONE * sine + 0.5))


def tangent(degrees: float) -> float:
    """Return the tangent from Lambert's continued fraction, as libraries differ in the last bit."""
    angle = degrees * (math.pi / 180)
    square, rest = angle * angle, 13.0
    for term in (11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        rest = term - square / rest
    return angle / rest


@dataclass(frozen=True, slots=True)
class Arc:
    """A line from `left` to `right` px whose middle is `bend` px lower than its ends, or higher below 0."""

    left: int
    right: int
    bend: int

    def fall(self, x: Positions) -> Positions:
        """Return how far the line is below its ends at some places, in 256ths of a px."""
        along = (
            (2 * x - _UNIT * (self.left + self.right)) * 4 // (self.right - self.left)
        )  # 1024ths of half the line
        fall: Positions = _UNIT * self.bend * ((1 << 20) - along * along) // (1 << 20)
        return fall


def arc_of(boxes: Sequence[Box], bend: int) -> Arc:
    """Return the arc of the characters of a line, which is flatter if the line is short."""
    left, right = min(box.x for box in boxes), max(box.x + box.width for box in boxes)
    most = (right - left) // _FLATTEST
    return Arc(left, right, max(-most, min(most, bend)))


def moved(ink: Ink, box: Box, arc: Arc, turn: Turn) -> tuple[Ink, Box]:
    """Return the ink of a character after bending its line and turning the page, and its box.

    Grey levels between pixels are interpolated linearly.
    """
    left, top, width, height = _window(box, arc, turn)
    rows, columns = np.mgrid[top : top + height, left : left + width]
    x, y = turn.back(_UNIT * columns + _UNIT // 2, _UNIT * rows + _UNIT // 2)
    image = _sampled(ink, x - _UNIT * box.x - _UNIT // 2, y - arc.fall(x) - _UNIT * box.y - _UNIT // 2)
    inner = ink_box(image) or Box(0, 0, width, height)
    cut = image[inner.y : inner.y + inner.height, inner.x : inner.x + inner.width]
    return cut, Box(left + inner.x, top + inner.y, inner.width, inner.height)


def _window(box: Box, arc: Arc, turn: Turn) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a part of the page that holds a moved box with a px around it."""
    across = _UNIT * np.arange(box.x - 1, box.x + box.width + 2, dtype=np.int64)
    edges = (_UNIT * (box.y - 1), _UNIT * (box.y + box.height + 1))
    points = [turn.forth(across, edge + arc.fall(across)) for edge in edges]
    (left, right), (top, bottom) = (
        (min(int(axis.min()) for axis in axes) // _UNIT, -(-max(int(axis.max()) for axis in axes) // _UNIT))
        for axes in zip(*points, strict=True)
    )
    return left, top, right - left, bottom - top


def _sampled(ink: Ink, x: Positions, y: Positions) -> Ink:
    """Return the grey levels at places in 256ths of a px, from the centre of the first pixel."""
    height, width = ink.shape
    padded = np.pad(ink, ((1, 2), (1, 2))).astype(np.int64)
    x, y = np.clip(x, -_UNIT, _UNIT * width), np.clip(y, -_UNIT, _UNIT * height)
    column, row, right, lower = x // _UNIT + 1, y // _UNIT + 1, x % _UNIT, y % _UNIT
    above, below = (
        padded[r, column] * (_UNIT - right) + padded[r, column + 1] * right for r in (row, row + 1)
    )
    sampled: Ink = ((above * (_UNIT - lower) + below * lower + (1 << 15)) // (1 << 16)).astype(np.uint8)
    return sampled

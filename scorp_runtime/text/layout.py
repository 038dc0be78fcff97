"""How the characters of a sequence stand on their page: on one baseline per line, ink beside ink.

Neighbours are spaced by their outlines and not by their boxes, which would tear a slanting hand apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.imaging.ink import Box
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose

_LARGEST = 512  # px, of any length of a layout
_LEAST = {
    "size": 8,
    "spacing": -_LARGEST,
    "spacing_jitter": 0,
    "baseline_jitter": 0,
    "word_space": 0,
    "line_height": 1,
    "margin": 0,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Lengths in px of the page; None is in proportion to `size`.

    Attributes:
        size: height of the picture that a character is drawn in, before it is cut out; a digit is about 5/7 of it.
            None is the model's own.
        spacing: between the ink of neighbours, as `docs/model-format.md`, section 7, has it; None is a ninth of the
            size. Below 0, neighbours may touch.
        spacing_jitter: by which it varies up and down; None is a 28th of the size.
        baseline_jitter: by which a character leaves the baseline up and down; None is a 28th of the size.
        word_space: that a space adds; None is 3/7 of the size.
        line_height: from baseline to baseline; None is 8/7 of the size.
        margin: of paper around the ink; None is a seventh of the size.
    """

    size: int | None = None
    spacing: int | None = None
    spacing_jitter: int | None = None
    baseline_jitter: int | None = None
    word_space: int | None = None
    line_height: int | None = None
    margin: int | None = None

    def __post_init__(self) -> None:
        """Raise `RequestError` for a length that is not a whole number within its limits."""
        for name, least in _LEAST.items():
            _read(name, getattr(self, name), 0, least)

    def lengths(self, height: int) -> "Lengths":
        """Return every length as a number, for a model whose pictures have this height."""
        size = _read("size", self.size, height, _LEAST["size"])
        return Lengths(
            size=size,
            spacing=_read("spacing", self.spacing, size // 9, _LEAST["spacing"]),
            spacing_jitter=_read("spacing_jitter", self.spacing_jitter, size // 28, _LEAST["spacing_jitter"]),
            baseline_jitter=_read(
                "baseline_jitter", self.baseline_jitter, size // 28, _LEAST["baseline_jitter"]
            ),
            word_space=_read("word_space", self.word_space, size * 3 // 7, _LEAST["word_space"]),
            line_height=_read("line_height", self.line_height, size * 8 // 7, _LEAST["line_height"]),
            margin=_read("margin", self.margin, size // 7, _LEAST["margin"]),
        )


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of a `Layout`, in px of the page, none of them open."""

    size: int
    spacing: int
    spacing_jitter: int
    baseline_jitter: int
    word_space: int
    line_height: int
    margin: int


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """The ink of one character, cut out.

    Attributes:
        position: of the character in the text.
        line: of the page, from 0.
        spaces: in front of it.
        ink: uint8 (H, W), its tight box.
        below: how far its bottom is below the baseline, in px.
    """

    position: int
    line: int
    spaces: int
    ink: npt.NDArray[np.uint8]
    below: int


def place_glyphs(
    glyphs: Sequence[Glyph], lengths: Lengths, seed: int, start: int
) -> tuple[npt.NDArray[np.uint8], list[Box]]:
    """Put glyphs on a page that is as large as they need.

    Args:
        glyphs: at least one, in the order of the text.
        lengths: of the page.
        seed: of the sequence.
        start: address of the first character of the text; jitter is drawn from those of the characters.

    Returns:
        The page, uint8 (H, W), and the box of each glyph on it.
    """
    boxes = _boxes(glyphs, lengths, seed, start)
    margin = lengths.margin
    left, top = (min(side) - margin for side in zip(*((box.x, box.y) for box in boxes), strict=True))
    boxes = [replace(box, x=box.x - left, y=box.y - top) for box in boxes]
    page = np.zeros(
        (
            max(box.y + box.height for box in boxes) + margin,
            max(box.x + box.width for box in boxes) + margin,
        ),
        np.uint8,
    )
    for glyph, box in zip(glyphs, boxes, strict=True):
        place = page[box.y : box.y + box.height, box.x : box.x + box.width]
        np.maximum(place, glyph.ink, out=place)
    return page, boxes


def _boxes(glyphs: Sequence[Glyph], lengths: Lengths, seed: int, start: int) -> list[Box]:
    """Return the boxes, relative to the start of the first baseline."""
    boxes, right, line, before = [], 0, -1, glyphs[0]
    for glyph in glyphs:
        drawn = philox.words(seed, Purpose.LAYOUT, start + glyph.position, 1, 1)[0]
        if glyph.line != line:
            right, line = lengths.word_space * glyph.spaces, glyph.line
        else:
            gap = lengths.spacing + _jitter(int(drawn[0]), lengths.spacing_jitter)
            right += gap + lengths.word_space * glyph.spaces - _tuck(before, glyph, lengths.size)
        height, width = glyph.ink.shape
        baseline = glyph.line * lengths.line_height + _jitter(int(drawn[1]), lengths.baseline_jitter)
        boxes.append(Box(right, baseline + glyph.below - height, width, height))
        right += width
        before = glyph
    return boxes


def _tuck(left: Glyph, right: Glyph, size: int) -> int:
    """Return by how many px the box of `right` may enter that of `left` before their ink would be at one column.

    Ink counts against ink up to a seventh of the size higher or lower; a quarter of the size is the most.
    """
    (left_rows, free), (right_rows, taken) = _outline(left, -1), _outline(right, 1)
    near = np.abs(left_rows[:, None] - right_rows) <= size // 7
    room = np.where(near, free[:, None] + taken, size)
    return min(int(room.min(initial=size)), size // 4) if near.any() else 0


def _outline(glyph: Glyph, step: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows with ink, counted down from the baseline, and how much paper is in front of it in each.

    In front is left, or, at step -1, right.
    """
    inked = np.flatnonzero(glyph.ink.any(1))
    paper = (glyph.ink[inked, ::step] > 0).argmax(1)
    return inked + glyph.below - len(glyph.ink), paper


def _jitter(word: int, reach: int) -> int:
    """Return a whole number from -reach to reach."""
    return ((word >> 32) * (2 * reach + 1) >> 32) - reach


def _read(name: str, value: object, default: int, least: int) -> int:
    if value is None:
        return default
    number = philox.to_integer(value)
    if number is None or not least <= number <= _LARGEST:
        raise RequestError(
            f"{name} must be a whole number of px from {least} to {_LARGEST}, not {short_repr(value)}"
        )
    return number

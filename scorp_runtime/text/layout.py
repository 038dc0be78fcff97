"""Place the characters of a text on a page.

The characters of a line share a baseline. The distance between neighbours follows their outlines. Boxes would tear
slanted handwriting apart.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.imaging.ink import Box
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.knobs import LINE_FORM
from scorp_runtime.sampling.philox import Purpose

from .baseline import arc_of, moved, turn_by

LONGEST = 4096
"""Most characters of a page, and number of samples that belong to it."""

_LARGEST = 512  # px, of all lengths


class _Length(NamedTuple):
    """Smallest value in px, and default as a fraction of `size`."""

    smallest: int
    numerator: int
    denominator: int


_LENGTHS = {
    "size": _Length(8, 1, 1),
    "spacing": _Length(-_LARGEST, 1, 9),
    "spacing_jitter": _Length(0, 1, 28),
    "baseline_jitter": _Length(0, 1, 28),
    "word_space": _Length(0, 3, 7),
    "line_height": _Length(1, 8, 7),
    "margin": _Length(0, 1, 7),
    "left_jitter": _Length(0, 0, 1),
    "curvature": _Length(0, 0, 1),
}
_LINE_FORM_LENGTHS = _LENGTHS | {"line_height": _Length(1, 10, 7)}  # for models that write below the baseline


_TENTHS = {
    "a3": (2970, 4200), "a4": (2100, 2970), "a5": (1480, 2100), "a6": (1050, 1480),
    "letter": (2159, 2794), "legal": (2159, 3556),
}  # fmt: skip
"""Sheet -> width and height in tenths of a millimetre."""

_INCH = 254  # tenths of a millimetre
_SHARE = 12  # of the width of a sheet is its margin
_MOST_PIXELS = 1 << 26  # of a page
_STEEPEST = 45  # degrees


@dataclass(frozen=True, slots=True)
class Layout:
    """Lengths of a page in px, at most 512; None is a default in proportion to `size`.

    Attributes:
        size: height of the image of a character before it is cropped; a digit is about 5/7 of it. None is the
            height of the model's images.
        spacing: distance between the ink of neighbours; below 0, they may touch. None is 1/9 of the size.
        spacing_jitter: largest random change of the spacing. None is 1/28 of the size.
        baseline_jitter: largest random distance of a character from the baseline. None is 1/28 of the size.
        word_space: extra distance for a space. None is 3/7 of the size.
        line_height: distance between baselines. None is 8/7 of the size, or 10/7 for models with small letters.
        margin: paper around the ink. None is 1/7 of the size, or 1/12 of the width of `page_size`.
        left_jitter: largest random indent of a line. None is 0.
        curvature: largest random bend of a baseline between its ends and its middle, which is at most 1/8 of the
            length of the line. None is 0.
        rotation: largest random rotation of a page's lines in degrees, 0 to 45. Paper does not rotate.
        page_size: `"a3"` to `"a6"`, `"letter"` or `"legal"` at `dpi`, or a width and height in px such as
            `"800x600"`. None is as large as needed.
        dpi: pixels per inch, 30 to 1200.

    Example:
        >>> page = Generator().sequence("42", seed=1, layout=Layout(size=56, margin=0))
        >>> page.image.shape
        (46, 70)
    """

    size: int | None = None
    spacing: int | None = None
    spacing_jitter: int | None = None
    baseline_jitter: int | None = None
    word_space: int | None = None
    line_height: int | None = None
    margin: int | None = None
    left_jitter: int | None = None
    curvature: int | None = None
    rotation: int = 0
    page_size: str | None = None
    dpi: int = 150

    def __post_init__(self) -> None:
        """Raise `RequestError` if a length is not an integer within its limits."""
        self.lengths(_LENGTHS["size"].smallest)
        philox.read_whole("dpi", self.dpi, 30, 1200)
        philox.read_whole("rotation", self.rotation, 0, _STEEPEST)
        self.sheet()

    def sheet(self) -> tuple[int, int] | None:
        """Return the width and height of a page in px, or None if it is as large as needed."""
        if self.page_size is None:
            return None
        text = self.page_size.lower() if isinstance(self.page_size, str) else ""
        if text in _TENTHS:
            width, height = ((side * self.dpi + _INCH // 2) // _INCH for side in _TENTHS[text])
        elif match := re.fullmatch("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", text):
            width, height = int(match[1]), int(match[2])
        else:
            known = f"{', '.join(_TENTHS)} or a width and height in px such as 800x600"
            raise RequestError(f"unknown page size {short_repr(self.page_size)}; use {known}")
        if width * height > _MOST_PIXELS:
            raise RequestError(f"a page of {width} x {height} px has more than {_MOST_PIXELS} pixels")
        return width, height

    def lengths(self, height: int, knobs: Collection[str] = ()) -> dict[str, int]:
        """Return all lengths in px by name for a model with these knobs, whose images have this height.

        `rotation` is in degrees. `page_width` and `page_height` are 0 for a page as large as needed.
        """
        known = _LINE_FORM_LENGTHS if set(LINE_FORM) <= set(knobs) else _LENGTHS
        size = _read("size", self.size, known["size"], height)
        lengths = {name: _read(name, getattr(self, name), length, size) for name, length in known.items()}
        width, page_height = self.sheet() or (0, 0)
        if width and self.margin is None:
            lengths["margin"] = width // _SHARE
        return lengths | {"rotation": self.rotation, "page_width": width, "page_height": page_height}


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """The cropped ink of one character."""

    position: int  # in the text
    line: int  # of the page, from 0
    spaces: int  # number of spaces before it
    ink: npt.NDArray[np.uint8]  # (H, W), without blank borders
    below: int  # distance of its lower edge below the baseline, in px


def place_glyphs(
    glyphs: Sequence[Glyph], lengths: Mapping[str, int], seed: int, index: int
) -> tuple[npt.NDArray[np.uint8], list[Box], int]:
    """Draw at least one glyph on the page with an index, which is as large as needed.

    Returns the page, the box of each glyph, and the row of the first baseline.
    """
    boxes, margin = _boxes(glyphs, lengths, seed, LONGEST * index), lengths["margin"]
    inks = [glyph.ink for glyph in glyphs]
    if lengths["curvature"] or lengths["rotation"]:
        inks, boxes = _moved(glyphs, boxes, lengths, seed, index)
    left, top = min(box.x for box in boxes), min(box.y for box in boxes) - margin
    left = (min(left, 0) if lengths["page_width"] else left) - margin
    boxes = [replace(box, x=box.x - left, y=box.y - top) for box in boxes]
    height, width = max(box.y + box.height for box in boxes), max(box.x + box.width for box in boxes)
    page = np.zeros(_page_shape(height + margin, width + margin, lengths), np.uint8)
    for ink, box in zip(inks, boxes, strict=True):
        area = page[box.y : box.y + box.height, box.x : box.x + box.width]
        np.maximum(area, ink, out=area)
    return page, boxes, -top


def _page_shape(height: int, width: int, lengths: Mapping[str, int]) -> tuple[int, int]:
    """Return the height and width of a page whose ink and margins need some px, or raise `RequestError`."""
    page_height, page_width = lengths["page_height"], lengths["page_width"]
    if not page_width:
        return height, width
    if height > page_height or width > page_width:
        raise RequestError(
            f"the text needs {width} x {height} px with its margins; the page has {page_width} x {page_height}"
        )
    return page_height, page_width


def _moved(
    glyphs: Sequence[Glyph], boxes: Sequence[Box], lengths: Mapping[str, int], seed: int, index: int
) -> tuple[list[npt.NDArray[np.uint8]], list[Box]]:
    """Bend the lines and turn the page around the middle of its lines; return the ink and box of each glyph."""
    right, left = max(box.x + box.width for box in boxes), min(box.x for box in boxes)
    middle = 128 * lengths["line_height"] * (glyphs[0].line + glyphs[-1].line)
    word = int(philox.words(seed, Purpose.BASELINE, index, 1, 1)[0, 0])
    turn = turn_by(_jitter(word, 256 * lengths["rotation"]) / 256, 128 * (left + right), middle)
    arcs = {}
    for line in {glyph.line for glyph in glyphs}:
        own = [(glyph, box) for glyph, box in zip(glyphs, boxes, strict=True) if glyph.line == line]
        word = int(philox.words(seed, Purpose.LAYOUT, LONGEST * index + own[0][0].position, 1, 1)[0, 3])
        arcs[line] = arc_of([box for _, box in own], _jitter(word, lengths["curvature"]))
    pairs = [moved(glyph.ink, box, arcs[glyph.line], turn) for glyph, box in zip(glyphs, boxes, strict=True)]
    return [ink for ink, _ in pairs], [box for _, box in pairs]


def _boxes(glyphs: Sequence[Glyph], lengths: Mapping[str, int], seed: int, start: int) -> list[Box]:
    """Return the boxes relative to the start of the first baseline."""
    boxes, right, line, before = [], 0, -1, glyphs[0]
    for glyph in glyphs:
        words = philox.words(seed, Purpose.LAYOUT, start + glyph.position, 1, 1)[0]
        if glyph.line != line:
            indent = (int(words[2]) >> 32) * (lengths["left_jitter"] + 1) >> 32
            right, line = lengths["word_space"] * glyph.spaces + indent, glyph.line
        else:
            gap = lengths["spacing"] + _jitter(int(words[0]), lengths["spacing_jitter"])
            right += gap + lengths["word_space"] * glyph.spaces - _overlap(before, glyph, lengths["size"])
        height, width = glyph.ink.shape
        baseline = glyph.line * lengths["line_height"] + _jitter(int(words[1]), lengths["baseline_jitter"])
        boxes.append(Box(right, baseline + glyph.below - height, width, height))
        right += width
        before = glyph
    return boxes


def _overlap(left: Glyph, right: Glyph, size: int) -> int:
    """Return by how many px the boxes of neighbours may overlap before their ink touches, at most 1/4 of the size.

    Rows of ink are compared if their heights differ by at most 1/7 of the size.
    """
    (left_rows, free), (right_rows, taken) = _outline(left, -1), _outline(right, 1)
    near = np.abs(left_rows[:, None] - right_rows) <= size // 7
    room = np.where(near, free[:, None] + taken, size)
    return min(int(room.min(initial=size)), size // 4) if near.any() else 0


def _outline(glyph: Glyph, step: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows with ink, counted down from the baseline, and the paper left of it (if `step` is -1, right)."""
    inked = np.flatnonzero(glyph.ink.any(1))
    paper = (glyph.ink[inked, ::step] > 0).argmax(1)
    return inked + glyph.below - len(glyph.ink), paper


def _jitter(word: int, reach: int) -> int:
    """Return an integer from -reach to reach."""
    return ((word >> 32) * (2 * reach + 1) >> 32) - reach


def _read(name: str, value: object, length: _Length, size: int) -> int:
    if value is None:
        return size * length.numerator // length.denominator
    return philox.read_whole(name, value, length.smallest, _LARGEST)

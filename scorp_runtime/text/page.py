"""Sequences: a text written by one hand on one page, with a tight box around the ink of each character.

Character `p` of sequence `i` is sample `4096 i + p` of the seed; spaces and line ends count, so that a character's
picture depends on nothing but its place. `docs/model-format.md`, section 7, is the specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import AddressError, LabelError, RequestError, short_repr
from scorp_runtime.imaging.ink import Box, ink_box, without_specks
from scorp_runtime.imaging.resize import resize
from scorp_runtime.inference.batch import Batch
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose
from scorp_runtime.sampling.request import Request, read_request

from .layout import Glyph, Layout, Lengths, place_glyphs
from .punctuation import BASELINE, MARKS, draw_mark

if TYPE_CHECKING:
    from scorp_runtime.inference.engine import Engine

LONGEST = 4096
"""The most characters of a sequence: so many samples belong to each."""

_MARK_STYLE = {"thickness": 2.5, "slant": 0.0}  # of a model without such knobs


@dataclass(frozen=True, slots=True)
class Character:
    """A character on a page.

    Attributes:
        text: the character.
        position: of it in the text.
        line: of the page, from 0.
        box: encloses all its ink and nothing beyond, in px of the page.
    """

    text: str
    position: int
    line: int
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A text as one hand wrote it.

    Attributes:
        image: uint8 (H, W), 0 = paper, 255 = ink.
        text: what it says, lines ended by line feeds.
        characters: all but spaces and line ends, in the order of the text.
        seed: of the sequence.
        index: of the sequence.
        writer: whose hand it is.
    """

    image: npt.NDArray[np.uint8]
    text: str
    characters: tuple[Character, ...]
    seed: int
    index: int
    writer: int


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """What is to be written, read and checked: the same on every page but for the sequence's index.

    Attributes:
        text: lines ended by line feeds.
        lengths: of the page.
        request: a sample per character of the text; without a writer if each page has a hand of its own.
    """

    text: str
    lengths: Lengths
    request: Request


def read_page_request(
    generator: "Engine",
    text: str,
    seed: object,
    writer: object,
    layout: Layout,
    styles: Mapping[str, Any],
) -> Writing:
    """Read what is to be written; `Engine.sequence` describes the arguments.

    Raises:
        RequestError: of the kind that fits what is wrong.
    """
    if not isinstance(layout, Layout):
        raise RequestError(f"layout must be a Layout or None, not {type(layout).__name__}")
    labels = read_text(text, generator.classes)
    request = read_request(generator.classes, generator.knobs, labels, None, seed, 0, styles, writer=writer)
    return Writing(text, layout.lengths(generator.image_shape[0]), request)


def read_index(index: object, count: int = 1) -> int:
    """Return the index of the first of `count` sequences.

    Raises:
        AddressError: if there are none so far.
    """
    number = philox.to_integer(index)
    if number is None or not 0 <= number <= philox.SPACE // LONGEST - count:
        last = "" if count == 1 else f", less {count - 1} for {count} sequences"
        raise AddressError(
            f"the index of a sequence is a whole number from 0 to 2^52 - 1{last}, not {short_repr(index)}"
        )
    return number


def write_page(generator: "Engine", writing: Writing, index: int) -> Page:
    """Write the sequence of an index."""
    text, request, lengths = writing.text, writing.request, writing.lengths
    seed, writer, start = request.seed, request.writer, LONGEST * index
    if writer is None:
        writer = int(philox.words(seed, Purpose.WRITER_CHOICE, index, 1, 1)[0, 0]) >> 11
    batch = generator.draw(replace(request, start=start, writer=writer), 0, request.count)
    glyphs = _glyphs(text, batch, _mark_style(generator, text, batch), lengths)
    image, boxes = place_glyphs(glyphs, lengths, seed, start)
    characters = tuple(
        Character(text[glyph.position], glyph.position, glyph.line, box)
        for glyph, box in zip(glyphs, boxes, strict=True)
    )
    return Page(image, text, characters, seed, index, writer)


def read_text(text: str, classes: tuple[str, ...]) -> list[int]:
    """Return a label per character; of those that the model does not draw, 0.

    Raises:
        LabelError: naming the characters that can be neither drawn nor left out, or if there is none to draw.
    """
    if not isinstance(text, str):
        raise LabelError(f"a text is due, not {type(text).__name__}")
    known = {*classes, *MARKS, " ", "\n"}
    unknown = sorted(set(text) - known)
    if unknown:
        names = ", ".join(map(repr, unknown[:8]))
        raise LabelError(
            f"the model cannot write {names}: it has {' '.join(classes)}, the marks "
            f"{' '.join(sorted(MARKS))}, and space"
        )
    if not set(text) & set(classes):
        raise LabelError(f"the text {text[:40]!r} has no character of the model, so no hand to follow")
    if len(text) > LONGEST:
        raise LabelError(f"the text has {len(text)} characters, more than {LONGEST}")
    return [classes.index(character) if character in classes else 0 for character in text]


def _mark_style(generator: "Engine", text: str, batch: Batch) -> dict[str, float]:
    """Return thickness and slant of the marks: the mean of the characters that the model drew."""
    drawn = [place for place, character in enumerate(text) if character in generator.classes]
    means = {
        knob.name: sum(batch.styles[drawn, column].tolist()) / len(drawn)
        for column, knob in enumerate(generator.knobs)
    }
    return {name: means.get(name, default) for name, default in _MARK_STYLE.items()}


def _glyphs(text: str, batch: Batch, mark_style: Mapping[str, float], lengths: Lengths) -> list[Glyph]:
    glyphs, line, spaces = [], 0, 0
    for position, character in enumerate(text):
        if character == "\n":
            line, spaces = line + 1, 0
        elif character == " ":
            spaces += 1
        else:
            glyphs.append(
                _glyph(character, batch.images[position], mark_style, lengths, (position, line, spaces))
            )
            spaces = 0
    return glyphs


def _glyph(
    character: str,
    picture: npt.NDArray[np.uint8],
    mark_style: Mapping[str, float],
    lengths: Lengths,
    place: tuple[int, int, int],
) -> Glyph:
    is_mark = character in MARKS
    if is_mark:
        picture = draw_mark(character, picture.shape, **mark_style)
    height, width = picture.shape
    ink = resize(without_specks(picture), lengths.size, max(1, width * lengths.size // height))
    box = ink_box(ink) or Box(0, 0, *ink.shape[::-1])  # a blank picture keeps its place
    bottom = box.y + box.height
    below = bottom - int(BASELINE * lengths.size + 0.5) if is_mark else 0
    position, line, spaces = place
    return Glyph(position, line, spaces, ink[box.y : bottom, box.x : box.x + box.width], below)

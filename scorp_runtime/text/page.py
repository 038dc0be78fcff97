"""Pages: a text in the handwriting of one writer, with a tight box around the ink of each character.

Character `p` of page `i` is sample `4096 i + p` of the seed. Spaces and line ends count, so a character's image depends
only on its position. `docs/reference/model-format.md`, section 7, is the specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import AddressError, LabelError, RequestError
from scorp_runtime.imaging.ink import Box, ink_box, without_specks
from scorp_runtime.imaging.resize import resize
from scorp_runtime.inference.batch import Batch
from scorp_runtime.inference.engine import Engine
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose
from scorp_runtime.sampling.request import Request, read_request

from .layout import Glyph, Layout, place_glyphs
from .punctuation import BASELINE, MARKS, draw_mark

LONGEST = 4096
"""Most characters of a page, and number of samples that belong to it."""

_MARK_STYLE = {"thickness": 2.5, "slant": 0.0}  # for models without these knobs


@dataclass(frozen=True, slots=True)
class Character:
    """A character on a page.

    Attributes:
        text: the character.
        position: its position in the text.
        line: its line on the page, from 0.
        box: the smallest box around its ink, in px of the page.

    Example:
        >>> [character.text for character in Generator().sequence("4 2", seed=1).characters]
        ['4', '2']
    """

    text: str
    position: int
    line: int
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """An image of a text in one handwriting.

    Attributes:
        image: uint8 (H, W), 0 = paper, 255 = ink.
        text: the text, with line feeds between lines.
        characters: all characters except spaces and line feeds, in the order of the text.
        seed: of the page.
        index: of the page.
        writer: number of the writer.

    Example:
        >>> page = Generator().sequence("2026-07", seed=1)
        >>> page.image.shape, page.characters[0].box
        ((31, 123), Box(x=4, y=4, width=18, height=21))
    """

    image: npt.NDArray[np.uint8]
    text: str
    characters: tuple[Character, ...]
    seed: int
    index: int
    writer: int


@dataclass(frozen=True, slots=True, eq=False)
class PageRequest:
    """The checked arguments of pages that differ only in their index."""

    text: str  # with line feeds between lines
    lengths: Mapping[str, int]  # in px
    request: Request  # a sample per character of the text; without a writer if each page has its own


def read_page_request(
    engine: Engine, text: str, seed: object, writer: object, layout: Layout, styles: Mapping[str, Any]
) -> PageRequest:
    """Read the arguments of `Generator.sequence`; raise a `RequestError` if one is invalid."""
    if not isinstance(layout, Layout):
        raise RequestError(f"layout must be a Layout or None, not {type(layout).__name__}")
    labels = _read_text(text, engine.classes)
    request = read_request(engine.classes, engine.knobs, labels, None, seed, 0, styles, writer=writer)
    return PageRequest(text, layout.lengths(engine.image_shape[0]), request)


def read_index(index: object, count: int = 1) -> int:
    """Return the index of the first of `count` pages as an integer; raise `AddressError` if one is invalid."""
    most = philox.SPACE // LONGEST - count
    return philox.read_whole("the index of a sequence", index, 0, most, AddressError)


def write_page(engine: Engine, page: PageRequest, index: int) -> Page:
    """Draw the page with an index."""
    seed, writer, start = page.request.seed, page.request.writer, LONGEST * index
    if writer is None:
        writer = int(philox.words(seed, Purpose.WRITER_CHOICE, index, 1, 1)[0, 0]) >> 11
    batch = engine.draw(replace(page.request, start=start, writer=writer), 0, page.request.count)
    glyphs = _glyphs(page, batch, _mark_style(engine, page.text, batch))
    image, boxes = place_glyphs(glyphs, page.lengths, seed, start)
    characters = tuple(
        Character(page.text[glyph.position], glyph.position, glyph.line, box)
        for glyph, box in zip(glyphs, boxes, strict=True)
    )
    return Page(image, page.text, characters, seed, index, writer)


def _read_text(text: str, classes: tuple[str, ...]) -> list[int]:
    """Return a label for each character, 0 for those that the model does not draw; raise `LabelError` if invalid."""
    if not isinstance(text, str):
        raise LabelError(f"text must be a str, not {type(text).__name__}")
    unknown = sorted(set(text) - {*classes, *MARKS, " ", "\n"})
    if unknown:
        names = ", ".join(map(repr, unknown[:8]))
        known = f"{' '.join(classes)}, the marks {' '.join(sorted(MARKS))}, and space"
        raise LabelError(f"the model cannot write {names}: it has {known}")
    if not set(text) & set(classes):
        raise LabelError(f"the text {text[:40]!r} has no character of the model")
    if len(text) > LONGEST:
        raise LabelError(f"the text has {len(text)} characters, more than {LONGEST}")
    return [classes.index(character) if character in classes else 0 for character in text]


def _mark_style(engine: Engine, text: str, batch: Batch) -> dict[str, float]:
    """Return thickness and slant for marks: the mean of the characters that the model drew."""
    drawn = [position for position, character in enumerate(text) if character in engine.classes]
    means = {
        knob.name: sum(batch.styles[drawn, column].tolist()) / len(drawn)
        for column, knob in enumerate(engine.knobs)
    }
    return {name: means.get(name, default) for name, default in _MARK_STYLE.items()}


def _glyphs(page: PageRequest, batch: Batch, mark_style: Mapping[str, float]) -> list[Glyph]:
    glyphs, line, spaces, size = [], 0, 0, page.lengths["size"]
    for position, character in enumerate(page.text):
        if character == "\n":
            line, spaces = line + 1, 0
        elif character == " ":
            spaces += 1
        else:
            image, baseline = batch.images[position], None
            if character in MARKS:
                image = draw_mark(character, image.shape, **mark_style)
                baseline = int(BASELINE * size + 0.5)
            glyphs.append(Glyph(position, line, spaces, *_crop(image, size, baseline)))
            spaces = 0
    return glyphs


def _crop(image: npt.NDArray[np.uint8], size: int, baseline: int | None) -> tuple[npt.NDArray[np.uint8], int]:
    """Scale an image to a height, and return its ink and how far that is below the baseline (None: its lower edge)."""
    height, width = image.shape
    ink = resize(without_specks(image), size, max(1, width * size // height))
    box = ink_box(ink) or Box(0, 0, *ink.shape[::-1])  # a blank image keeps its size
    bottom = box.y + box.height
    return ink[box.y : bottom, box.x : box.x + box.width], 0 if baseline is None else bottom - baseline

"""Pages: a text in the handwriting of one writer, with a tight box around the ink of each character.

Character `p` of page `i` is sample `4096 i + p` of the seed. Spaces and line ends count, so a character's image depends
only on its position. `docs/reference/model-format.md`, section 7, is the specification.
"""

import string
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import AddressError, LabelError, RequestError
from scorp_runtime.imaging.effects import Effects
from scorp_runtime.imaging.ink import Box, ink_box, without_specks
from scorp_runtime.imaging.resize import resize
from scorp_runtime.inference.batch import Batch
from scorp_runtime.inference.engine import Engine
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.knobs import LINE_FORM
from scorp_runtime.sampling.philox import Purpose
from scorp_runtime.sampling.request import Request, read_request

from .layout import LONGEST, Glyph, Layout, place_glyphs
from .punctuation import BASELINE, MARKS, draw_mark

_ALPHABETS = (string.digits, string.ascii_uppercase, string.ascii_lowercase)
_PRINTABLE = frozenset(map(chr, range(ord("!"), ord("~") + 1)))
_FEW = 8  # characters that an error lists
_MARK_STYLE = {"thickness": 2.5, "slant": 0.0}  # for models without these knobs
_CAPITAL = (5, 7)  # height of a capital, as a fraction of the size
_DOTTED = frozenset("!%:;?ij")
_SPECK, _DOT = 12, 40  # ink below a twelfth of the largest stroke's is a speck; a dot may have a fortieth

Ink = npt.NDArray[np.uint8]


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
        image: uint8 (H, W), 0 = paper, 255 = ink; or (H, W, 3), red, green and blue, if ink or paper has a colour.
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
    effects: Effects | None
    request: Request  # a sample per character of the text; without a writer if each page has its own


def read_page_request(
    engine: Engine,
    text: str,
    seed: object,
    writer: object,
    layout: Layout,
    effects: Effects | None,
    styles: Mapping[str, Any],
) -> PageRequest:
    """Read the arguments of `Generator.sequence`; raise a `RequestError` if one is invalid."""
    if effects is not None:
        effects.check_page()
    if not isinstance(layout, Layout):
        raise RequestError(f"layout must be a Layout or None, not {type(layout).__name__}")
    check_text(text, engine.classes)
    labels = [engine.classes.index(character) if character in engine.classes else 0 for character in text]
    request = read_request(engine.classes, engine.knobs, labels, None, seed, 0, styles, writer=writer)
    lengths = layout.lengths(engine.image_shape[0], [knob.name for knob in engine.knobs])
    return PageRequest(text, lengths, effects, request)


def read_index(index: object, count: int = 1) -> int:
    """Return the index of the first of `count` pages as an integer; raise `AddressError` if one is invalid."""
    most = philox.SPACE // LONGEST - count
    return philox.read_whole("the index of a sequence", index, 0, most, AddressError)


def write_page(engine: Engine, page: PageRequest, index: int) -> Page:
    """Draw the page with an index."""
    seed, writer, start = page.request.seed, page.request.writer, LONGEST * index
    if writer is None:
        writer = int(philox.words(seed, Purpose.WRITER_CHOICE, index, 1, 1)[0, 0]) >> 11
    request = replace(page.request, start=start, writer=writer)
    if set(LINE_FORM) <= {knob.name for knob in engine.knobs}:
        request = engine.per_class(request, except_for=LINE_FORM)
    batch = engine.draw(request, 0, request.count)
    glyphs = _glyphs(page, batch)
    if page.effects:
        glyphs = [_with_effects(glyph, page.effects, page.lengths["size"], batch) for glyph in glyphs]
    image, boxes, baseline = place_glyphs(glyphs, page.lengths, seed, index)
    if page.effects:
        lengths = page.lengths["size"], page.lengths["line_height"]
        image = page.effects.apply_to_page(image, seed, index, *lengths, baseline)
    characters = tuple(
        Character(page.text[glyph.position], glyph.position, glyph.line, box)
        for glyph, box in zip(glyphs, boxes, strict=True)
    )
    return Page(image, page.text, characters, seed, index, writer)


def check_text(text: object, classes: Collection[str]) -> None:
    """Raise `LabelError` if a model with these classes cannot write a text."""
    if not isinstance(text, str):
        raise LabelError(f"text must be a str, not {type(text).__name__}")
    check_characters(text, classes)
    if not set(text) & set(classes):
        raise LabelError(f"the text {text[:40]!r} has no character of the model")
    if len(text) > LONGEST:
        raise LabelError(f"the text has {len(text)} characters, more than {LONGEST}")


def check_characters(characters: Iterable[str], classes: Collection[str]) -> None:
    """Raise `LabelError` if a model with these classes cannot write some characters."""
    unknown = sorted(set(characters) - {*classes, *MARKS, " ", "\n"})
    if unknown:
        names = ", ".join(map(repr, unknown[:_FEW])) + (", ..." if len(unknown) > _FEW else "")
        known = _in_short({*MARKS, *(name for name in classes if len(name) == 1)})
        raise LabelError(f"the model cannot write {names}; it has {known}, and space")


def _in_short(characters: Set[str]) -> str:
    """Return `printable ASCII except ...` if few are missing; else complete alphabets as ranges, then the rest."""
    if len(missing := sorted(_PRINTABLE - characters)) <= _FEW:
        known, named = ["printable ASCII" + f" except {' '.join(missing)}" * bool(missing)], _PRINTABLE
    else:
        complete = [alphabet for alphabet in _ALPHABETS if characters >= set(alphabet)]
        known, named = (
            [f"{alphabet[0]}-{alphabet[-1]}" for alphabet in complete],
            frozenset("".join(complete)),
        )
    if others := sorted(characters - named - MARKS):
        known.append(" ".join(others))
    if marks := sorted(MARKS - named):
        known.append(f"the marks {' '.join(marks)}")
    return ", ".join(known)


def _glyphs(page: PageRequest, batch: Batch) -> list[Glyph]:
    glyphs, line, spaces, size = [], 0, 0, page.lengths["size"]
    mark_style = _mark_style(page.text, batch)
    for position, character in enumerate(page.text):
        if character == "\n":
            line, spaces = line + 1, 0
        elif character == " ":
            spaces += 1
        else:
            if character not in batch.class_names:
                ink, below = _mark(character, batch.images.shape[1:], mark_style, size)
            elif set(LINE_FORM) <= set(batch.knob_names):
                in_line = (batch.styles[position, batch.knob_names.index(name)] for name in LINE_FORM)
                ink, below = _in_line(batch.images[position], character, size, *map(float, in_line))
            else:
                ink, below = _cut(_resized(without_specks(batch.images[position]), size)), 0
            glyphs.append(Glyph(position, line, spaces, ink, below))
            spaces = 0
    return glyphs


def _with_effects(glyph: Glyph, effects: Effects, size: int, batch: Batch) -> Glyph:
    """Return a glyph with the effects on its ink."""
    image = effects.apply_to_ink(glyph.ink, batch.seed, batch.start + glyph.position, size)
    box = _box(image)
    added = (len(image) - len(glyph.ink)) // 2
    below = glyph.below + added - (len(image) - box.y - box.height)
    return replace(glyph, ink=_cut(image), below=below)


def _mark_style(text: str, batch: Batch) -> dict[str, float]:
    """Return thickness and slant for marks: the mean of the characters that the model drew."""
    drawn = [position for position, character in enumerate(text) if character in batch.class_names]
    means = {
        name: sum(batch.styles[drawn, column].tolist()) / len(drawn)
        for column, name in enumerate(batch.knob_names)
    }
    return {name: means.get(name, default) for name, default in _MARK_STYLE.items()}


def _mark(mark: str, shape: tuple[int, int], style: Mapping[str, float], size: int) -> tuple[Ink, int]:
    """Return the ink of a mark, and how far its lower edge is below the baseline."""
    image = _resized(without_specks(draw_mark(mark, shape, **style)), size)
    box = _box(image)
    return _cut(image), box.y + box.height - int(BASELINE * size + 0.5)


def _in_line(image: Ink, character: str, size: int, extent: float, rise: float) -> tuple[Ink, int]:
    """Return the ink of a character whose size and place are knobs, and how far its lower edge is below the baseline.

    Integers and exact fractions, so that every machine gets the same pixels.
    """
    ink = _cut(without_specks(image, _DOT if character in _DOTTED else _SPECK))
    longer = max(ink.shape)
    height, width = (
        _rounded(extent, _CAPITAL[0] * size * (side + 2), _CAPITAL[1] * longer) for side in ink.shape
    )
    resized = resize(np.pad(ink, 1), max(1, height), max(1, width))
    return _cut(resized), -_rounded(rise, _CAPITAL[0] * size, _CAPITAL[1])


def _rounded(value: float, numerator: int, denominator: int) -> int:
    """Return value * numerator / denominator, rounded to an integer, halves up."""
    above, below = value.as_integer_ratio()
    return (2 * above * numerator + below * denominator) // (2 * below * denominator)


def _resized(image: Ink, size: int) -> Ink:
    height, width = image.shape
    return resize(image, size, max(1, width * size // height))


def _cut(image: Ink) -> Ink:
    """Return an image without blank borders."""
    box = _box(image)
    return image[box.y : box.y + box.height, box.x : box.x + box.width]


def _box(image: Ink) -> Box:
    return ink_box(image) or Box(0, 0, *image.shape[::-1])  # a blank image keeps its size

"""Phrases that describe what to draw: `"a thick seven leaning left"`, `"thin narrow 4"`, `"forty-two"`.

The grammar:

    phrase  = ["a" | "an" | "the"] {manner} (number | characters) {manner}
    manner  = ["very"] ("thick" | "bold" | "thin" | "narrow" | "wide" | "leaning" ("left" | "right")) | "upright"
    number  = an integer below one hundred in English words, such as "seven", "forty-two" or "forty two"

`characters` are class names of the model. A manner sets a knob to its value at a normal score of the class.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorp_runtime.errors import LabelError

if TYPE_CHECKING:
    from scorp_runtime.model.metadata import ModelInfo

_ARTICLES = ("a", "an", "the")
_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS = (*_UNITS, *_TENS)
"""Words for numbers."""
_MANNERS = {
    "thick": ("thickness", 1),
    "bold": ("thickness", 1),
    "thin": ("thickness", -1),
    "wide": ("width", 1),
    "narrow": ("width", -1),
}
_DIRECTIONS = {"left": -1, "right": 1}
_PLAIN_SCORE, _VERY_SCORE = 1.5, 2.5
_WORD = re.compile(r"[A-Za-z]{2,}")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """The meaning of a phrase: the characters to draw, and knob -> one value per character."""

    text: str
    styles: dict[str, list[float]]


def is_phrase(text: str, classes: Sequence[str]) -> bool:
    """Return whether a text is a phrase and not labels: it has a word of two letters that is not a class."""
    return any(word not in (*classes, "all") for word in _WORD.findall(text))


def is_in_words(line: str, classes: Sequence[str]) -> bool:
    """Return whether a line is a phrase and not a text to write: it has a word of the grammar besides classes."""
    known = {*NUMBERS, *_MANNERS, *_DIRECTIONS, "very", "upright", "leaning"} - {*classes}
    return not known.isdisjoint(line.replace("-", " ").split()) and not set(line) <= {*classes, " "}


def has_several_digits(text: str) -> bool:
    """Return whether a text has a word for a number of at least 10; this needs no model."""
    return not {*_UNITS[10:], *_TENS}.isdisjoint(text.replace("-", " ").split())


def read_phrase(phrase: str, info: "ModelInfo") -> Phrase:
    """Read a phrase; raise `LabelError` for a word that is unknown, repeated or misplaced."""
    words = _HYPHEN.sub(" ", phrase).split()
    if words and words[0] in _ARTICLES and len(words) > 1:
        words = words[1:]
    texts: list[str] = []
    scores: dict[str, float | None] = {}
    while words:
        if found := _read_manner(words):
            knob, score, used = found
            if knob in scores:
                raise LabelError(f"{' '.join(words[:used])!r} in {phrase!r} sets {knob} twice")
            scores[knob] = score
        else:
            characters, used = _read_characters(words, info.classes, phrase)
            texts.append(characters)
        words = words[used:]
    if len(texts) != 1:
        found_texts = " and ".join(texts) or "none"
        raise LabelError(f"{phrase!r} must name one thing to draw; found {found_texts}")
    (text,) = texts
    return Phrase(text, {knob: _values(knob, score, text, info) for knob, score in scores.items()})


def _read_manner(words: Sequence[str]) -> tuple[str, float | None, int] | None:
    """Return knob, normal score (None for upright) and number of words read; None if there is no manner."""
    very = words[0] == "very"
    first, second = (*words[very:], "", "")[:2]
    strength = _VERY_SCORE if very else _PLAIN_SCORE
    if first == "upright" and not very:
        return "slant", None, 1
    if first == "leaning" and second in _DIRECTIONS:
        return "slant", strength * _DIRECTIONS[second], 2 + very
    if first in _MANNERS:
        knob, sign = _MANNERS[first]
        return knob, strength * sign, 1 + very
    return None


def _read_characters(words: Sequence[str], classes: Sequence[str], phrase: str) -> tuple[str, int]:
    """Return the characters to draw and the number of words read."""
    word, used = words[0], 1
    if word in _TENS:
        number = 10 * (_TENS.index(word) + 2)
        if len(words) > 1 and words[1] in _UNITS[1:10]:
            number, used = number + _UNITS.index(words[1]), 2
    elif word in _UNITS:
        number = _UNITS.index(word)
    elif set(word) <= set(classes):
        return word, 1
    else:
        known = ", ".join(("upright", "leaning left", "leaning right", *_MANNERS))
        raise LabelError(
            f"cannot read {word!r} in {phrase!r}; use a class or a number to ninety-nine, and (very) {known}"
        )
    if missing := sorted(set(str(number)) - set(classes)):
        raise LabelError(f"the model has no {missing[0]!r}, which {number} needs")
    return str(number), used


def _values(knob: str, score: float | None, text: str, info: "ModelInfo") -> list[float]:
    """Return the value of a knob for each character, within its range."""
    from scorp_runtime.sampling.style_prior import SCORES  # imports NumPy, which option parsing does not need

    names = [known.name for known in info.knobs]
    if knob not in names:
        raise LabelError(f"the model has no knob {knob!r}, which the phrase sets")
    column = names.index(knob)
    low, high = info.knobs[column].low, info.knobs[column].high
    if score is None:
        return [min(max(0.0, low), high)] * len(text)
    quantiles = (info.natural[character].quantiles[column] for character in text)
    return [min(max(row[SCORES.index(score)], low), high) for row in quantiles]

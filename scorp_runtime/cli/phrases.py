"""Phrases that describe a character to draw: `"a thick seven leaning left"`, `"thin narrow 4"`.

The grammar:

    phrase  = ["a" | "an" | "the"] {manner} (number | class) {manner}
    manner  = ["very"] ("thick" | "bold" | "thin" | "narrow" | "wide" | "leaning" ("left" | "right")) | "upright"
    number  = "zero" | "one" | ... | "nine"

A manner sets a knob to its value at a normal score of the class.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorp_runtime.errors import LabelError

if TYPE_CHECKING:
    from scorp_runtime.model.metadata import ModelInfo

_ARTICLES = ("a", "an", "the")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""Words for numbers."""
_MANNERS = {
    "thick": ("thickness", 1),
    "bold": ("thickness", 1),
    "thin": ("thickness", -1),
    "wide": ("width", 1),
    "narrow": ("width", -1),
}
_DIRECTIONS = {"left": -1, "right": 1}
_GRAMMAR = {*NUMBERS, *_MANNERS, *_DIRECTIONS, "very", "upright", "leaning"}
_PLAIN_SCORE, _VERY_SCORE = 1.5, 2.5
_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """The meaning of a phrase: the class to draw, and knob -> value."""

    name: str
    styles: dict[str, float]


def is_phrase(text: str, classes: Sequence[str]) -> bool:
    """Return whether a text is a phrase and not labels: it has a word of two letters that is not a class."""
    return any(word not in (*classes, "all") for word in _WORD.findall(text))


def without_grammar(text: str) -> str:
    """Return a text without the words that a phrase has besides the name of a class; this needs no model."""
    return " ".join(word for word in _without_article(text) if word not in _GRAMMAR)


def read_phrase(phrase: str, info: "ModelInfo") -> Phrase:
    """Read a phrase; raise `LabelError` for a word that is unknown, repeated or misplaced."""
    words = _without_article(phrase)
    names: list[str] = []
    scores: dict[str, float | None] = {}
    while words:
        if found := _read_manner(words):
            knob, score, used = found
            if knob in scores:
                raise LabelError(f"{' '.join(words[:used])!r} in {phrase!r} sets {knob} twice")
            scores[knob] = score
        else:
            names.append(_read_name(words[0], info.classes, phrase))
            used = 1
        words = words[used:]
    if len(names) != 1:
        found_names = " and ".join(names) or "none"
        raise LabelError(f"{phrase!r} must name one thing to draw; found {found_names}")
    (name,) = names
    return Phrase(name, {knob: _value(knob, score, name, info) for knob, score in scores.items()})


def _without_article(phrase: str) -> list[str]:
    words = phrase.split()
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


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


def _read_name(word: str, classes: Sequence[str], phrase: str) -> str:
    name = str(NUMBERS.index(word)) if word in NUMBERS and word not in classes else word
    if name in classes:
        return name
    if name != word:
        raise LabelError(f"the model has no {name!r}, which {phrase!r} needs")
    known = ", ".join(("upright", "leaning left", "leaning right", *_MANNERS))
    raise LabelError(
        f"cannot read {word!r} in {phrase!r}; use a class or a number to nine, and (very) {known}"
    )


def _value(knob: str, score: float | None, name: str, info: "ModelInfo") -> float:
    """Return the value of a knob, within its range."""
    from scorp_runtime.sampling.style_prior import SCORES  # imports NumPy, which option parsing does not need

    names = [known.name for known in info.knobs]
    if knob not in names:
        raise LabelError(f"the model has no knob {knob!r}, which the phrase sets")
    column = names.index(knob)
    value = 0.0 if score is None else info.natural[name].quantiles[column][SCORES.index(score)]
    return min(max(value, info.knobs[column].low), info.knobs[column].high)

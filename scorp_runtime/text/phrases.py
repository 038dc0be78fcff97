"""Words for what to draw: `"a thick seven leaning left"`, `"thin narrow 4"`, `"forty-two"`.

The grammar is small and strict:

    phrase  = ["a" | "an" | "the"] {manner} (number | characters) {manner}
    manner  = ["very"] ("thick" | "bold" | "thin" | "narrow" | "wide" | "upright" | "leaning" ("left" | "right"))
    number  = a whole number below one hundred in English words, such as "seven", "forty-two" or "forty two"

`characters` are class names of the model. Words of manner stand for a place in what people write: the
value of the knob at a normal score of the class.
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
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
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
    "left": ("slant", -1),
    "right": ("slant", 1),
}
_OUT_OF_PLACE = {
    **dict.fromkeys(_ARTICLES, "an article comes first"),
    "very": "it goes before a manner other than upright",
    "leaning": "it goes before left or right",
    "left": "it follows leaning",
    "right": "it follows leaning",
}
"""Words of the grammar, and where they belong."""
_PLAIN_SCORE, _VERY_SCORE = 1.5, 2.5
_A_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase asks for: the characters to draw, and knob -> one value per character."""

    text: str
    styles: dict[str, list[float]]


def is_phrase(text: str, classes: Sequence[str]) -> bool:
    """Tell words from the label grammar: they hold two letters in a row that name no class."""
    return any(word not in (*classes, "all") for word in _A_WORD.findall(text))


def is_in_words(line: str, classes: Sequence[str]) -> bool:
    """Tell a phrase from a text to be written: it has a word of the grammar, and is no text of the model's classes."""
    known = {*_UNITS, *_TENS, *_MANNERS, "very", "upright", "leaning"} - {*classes}
    return not known.isdisjoint(line.replace("-", " ").split()) and not set(line) <= {*classes, " "}


def has_several_digits(text: str) -> bool:
    """Tell, before any model is read, whether words name a number from ten on."""
    return not {*_UNITS[10:], *_TENS}.isdisjoint(text.replace("-", " ").split())


def read_phrase(phrase: str, info: "ModelInfo") -> Phrase:
    """Read a phrase against the classes and knobs of a model.

    Raises:
        LabelError: naming the word that is unknown, said twice or out of place.
    """
    words = phrase.replace("-", " ").split()
    if words and words[0] in _ARTICLES and len(words) > 1:
        words = words[1:]
    texts: list[str] = []
    scores: dict[str, float | None] = {}
    while words:
        if found := _read_manner(words):
            knob, score, used = found
            if knob in scores:
                raise LabelError(f"{' '.join(words[:used])!r} in {phrase!r} says {knob} twice")
            scores[knob] = score
        else:
            characters, used = _read_characters(words, info.classes, phrase)
            texts.append(characters)
        words = words[used:]
    if len(texts) > 1:  # said once every word is known
        raise LabelError(f"{phrase!r} names two things to draw: {texts[0]} and {texts[1]}")
    if not texts:
        raise LabelError(f"{phrase!r} says how to draw, but not what")
    (text,) = texts
    return Phrase(text, {knob: _values(knob, score, text, info) for knob, score in scores.items()})


def _read_manner(words: Sequence[str]) -> tuple[str, float | None, int] | None:
    """Return knob, normal score (None for upright) and how many words were read; None if they say no manner."""
    very = words[0] == "very"
    rest = words[1:] if very else words
    strength = _VERY_SCORE if very else _PLAIN_SCORE
    if rest[:1] == ["upright"] and not very:
        return "slant", None, 1
    if rest[:1] == ["leaning"] and rest[1:2] in (["left"], ["right"]):
        return "slant", strength * _MANNERS[rest[1]][1], 2 + very
    if rest and rest[0] in _MANNERS and rest[0] not in ("left", "right"):
        knob, sign = _MANNERS[rest[0]]
        return knob, strength * sign, 1 + very
    return None


def _read_characters(words: Sequence[str], classes: Sequence[str], phrase: str) -> tuple[str, int]:
    """Return what to draw and how many words were read."""
    word = words[0]
    if word in _TENS:
        tens = 10 * (_TENS.index(word) + 2)
        if len(words) > 1 and words[1] in _UNITS[1:10]:
            number, used = tens + _UNITS.index(words[1]), 2
        else:
            number, used = tens, 1
    elif word in _UNITS:
        number, used = _UNITS.index(word), 1
    elif set(word) <= set(classes):
        return word, 1
    elif word in _OUT_OF_PLACE:
        raise LabelError(f"{word!r} is out of place in {phrase!r}: {_OUT_OF_PLACE[word]}")
    elif len(word) == 1:
        raise LabelError(f"the model has no {word!r}, which {phrase!r} asks for: it has {' '.join(classes)}")
    else:
        known = ", ".join(("very", "upright", "leaning left", "leaning right", *list(_MANNERS)[:5]))
        raise LabelError(f"unknown word {word!r} in {phrase!r}: there are numbers to ninety-nine, {known}")
    if missing := sorted(set(str(number)) - set(classes)):
        raise LabelError(f"the model has no {missing[0]!r} to write {number} with")
    return str(number), used


def _values(knob: str, score: float | None, text: str, info: "ModelInfo") -> list[float]:
    """Return the value of a knob for each character, within its range."""
    from scorp_runtime.sampling.style_prior import (
        SCORES,  # numpy, which the command line does not need to read its options
    )

    names = [known.name for known in info.knobs]
    if knob not in names:
        raise LabelError(f"the model has no knob {knob!r}, of which the words speak")
    column = names.index(knob)
    low, high = info.knobs[column].low, info.knobs[column].high
    if score is None:
        return [min(max(0.0, low), high)] * len(text)
    quantiles = (info.natural[character].quantiles[column] for character in text)
    return [min(max(row[SCORES.index(score)], low), high) for row in quantiles]

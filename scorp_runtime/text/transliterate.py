"""Text in ASCII, for models that have no accents and no typographic punctuation."""

import unicodedata

from scorp_runtime.errors import LabelError

_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "Th",
}  # fmt: skip
_PUNCTUATION = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",  # hyphens, dashes and the minus sign
    "'": "\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u00b4",  # with the prime and the acute accent
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "/": "\u2044",  # in fractions
}
_ASCII = str.maketrans(
    _LETTERS | {character: plain for plain, characters in _PUNCTUATION.items() for character in characters}
)


def transliterate(text: str) -> str:
    """Return a text with accented letters, ligatures, dashes, quotes and special spaces in ASCII.

    Other characters stay as they are, so that `Generator.sequence` can name those that it cannot write.

    Example:
        >>> transliterate("«Crème brûlée», süß…")
        '"Creme brulee", suss...'
    """
    if not isinstance(text, str):
        raise LabelError(f"text must be a str, not {type(text).__name__}")
    return "".join(map(_plain, unicodedata.normalize("NFC", text)))


def _plain(character: str) -> str:
    """Return a character in ASCII, or the character if that is not possible."""
    parts = unicodedata.normalize("NFKD", character.translate(_ASCII))
    plain = "".join(part for part in parts if not unicodedata.combining(part)).translate(_ASCII)
    is_accent = plain == " " and not character.isspace()  # such as a diaeresis without a letter
    return plain if plain.isascii() and not is_accent else character

"""What can go wrong, as a small family of exceptions.

Every message is one line that names the bad value and, where there is a choice, the allowed ones.
"""

_SHOWN = 80  # characters of a bad value


def shown(value: object) -> str:
    """Return a bad value as messages show it: short, and without anything that a terminal would obey."""
    try:
        text = " ".join(repr(value).split())  # an array of numpy has line feeds
    except ValueError:  # Python refuses to print an integer of more than 4,300 digits
        text = f"a {type(value).__name__} that is too large to show"
    return shortened(text)


def shortened(text: str) -> str:
    """Return a text cut to the length that messages show."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def printable(text: str) -> str:
    """Return a text without what a terminal would obey; it may repeat words of a file that came from anyone."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


class ScorpError(Exception):
    """Base of every error that SCORP raises on purpose."""


class RequestError(ScorpError, ValueError):
    """What was asked for cannot be made, whatever the model or the disk."""


class LabelError(RequestError):
    """A label names no class of the model."""


class CountError(RequestError):
    """A number of pictures is not a number of pictures, or contradicts the labels."""


class AddressError(RequestError):
    """A seed or an index lies outside 0 ... 2^64 - 1."""


class StyleError(RequestError):
    """A knob that the model does not have, or a value that the knob does not reach."""


class ModelError(ScorpError):
    """A model file is missing, damaged, or breaks the contract of `docs/model-format.md`."""


class OutputError(ScorpError):
    """The result could not be written."""


class DatasetError(ScorpError):
    """A dataset on disk is unfinished, damaged, or not what its provenance says."""


class MissingExtraError(ScorpError, ImportError):
    """A library that only some formats and engines need is not installed."""

"""The exceptions of this package, and helpers for their messages.

Every message is one line that names the bad value and the allowed ones.
"""

_LONGEST = 80  # characters of a value in a message


def short_repr(value: object) -> str:
    """Return a value as error messages show it: on one line, at most 80 characters."""
    try:
        text = " ".join(repr(value).split())  # the repr of a NumPy array has line feeds
    except ValueError:  # Python refuses to print an integer of more than 4,300 digits
        text = f"a {type(value).__name__} that is too large to show"
    return shortened(text)


def shortened(text: str) -> str:
    """Return a text cut to 80 characters."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def printable(text: str) -> str:
    """Return a text from an untrusted file with control characters replaced, which a terminal could obey."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


class ScorpError(Exception):
    """Base class of all errors that SCORP raises on purpose.

    Example:
        >>> try:
        ...     Generator().generate("x")
        ... except ScorpError as error:
        ...     print(type(error).__name__)
        LabelError
    """


class RequestError(ScorpError, ValueError):
    """An argument is invalid.

    Example:
        >>> issubclass(LabelError, RequestError) and issubclass(RequestError, ValueError)
        True
    """


class LabelError(RequestError):
    """A label is not a class of the model.

    Example:
        >>> Generator().generate("x")
        Traceback (most recent call last):
        scorp_runtime.errors.LabelError: there is no class 'x'...
    """


class CountError(RequestError):
    """A count is not a valid number of images, or contradicts the labels.

    Example:
        >>> Generator().generate("7", count=-1)
        Traceback (most recent call last):
        scorp_runtime.errors.CountError: count must be ...
    """


class AddressError(RequestError):
    """A seed or an index is outside 0 to 2^64 - 1.

    Example:
        >>> Generator().generate("7", seed=-1)
        Traceback (most recent call last):
        scorp_runtime.errors.AddressError: seed must be ...
    """


class StyleError(RequestError):
    """The model has no such knob, or the value is outside the range of the knob.

    Example:
        >>> Generator().generate("7", thickness=99)
        Traceback (most recent call last):
        scorp_runtime.errors.StyleError: thickness 99 is outside ...
    """


class ModelError(ScorpError):
    """A model file is missing, damaged, or does not follow the format in `docs/reference/model-format.md`.

    Example:
        >>> Generator("missing.onnx")
        Traceback (most recent call last):
        scorp_runtime.errors.ModelError: cannot read model ...
    """


class OutputError(ScorpError):
    """A result cannot be written.

    Example:
        >>> Generator().generate("7").save("missing/seven.png")
        Traceback (most recent call last):
        scorp_runtime.errors.OutputError: cannot write missing/seven.png...
    """


class DatasetError(ScorpError):
    """A dataset on disk is unfinished, damaged or differs from its manifest, or a file of texts cannot be read.

    Example:
        >>> issubclass(DatasetError, ScorpError)
        True
    """


class MissingExtraError(ScorpError, ImportError):
    """An optional library is not installed.

    Example:
        >>> issubclass(MissingExtraError, ImportError)
        True
    """

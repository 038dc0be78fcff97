"""Turn the many exceptions of decoders into one."""

from collections.abc import Iterator
from contextlib import contextmanager

from scorp_runtime.errors import ScorpError

_LONGEST = 200  # characters of a decoder's own message


@contextmanager
def decoding(error: type[Exception], what: object) -> Iterator[None]:
    """Raise `error` for any exception in the block; a `ScorpError` passes unchanged.

    Decoders (zipfile, Pillow, pyarrow, json, tarfile) document few of the exceptions that damaged files cause, and new
    versions add more, so this catches all of them.

    Args:
        error: the exception class to raise.
        what: the file, or the part of a file, for the message.
    """
    try:
        yield
    except ScorpError:
        raise
    except Exception as cause:
        raise error(f"cannot read {getattr(cause, 'filename', None) or what}: {_reason(cause)}") from cause


def _reason(cause: Exception) -> str:
    if isinstance(cause, MemoryError):
        return "it needs more memory than is available"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    text = " ".join(str(cause).split())[:_LONGEST]
    is_sentence = text and not isinstance(cause, LookupError)
    return text if is_sentence else f"{type(cause).__name__} {text}".rstrip()

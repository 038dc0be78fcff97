"""One error for everything that a decoder can raise."""

from collections.abc import Iterator
from contextlib import contextmanager

from scorp_runtime.errors import ScorpError

_LONGEST = 200  # characters of a decoder's own message


@contextmanager
def decoding(error: type[Exception], what: object) -> Iterator[None]:
    """Raise `error` where the decoding of untrusted data fails, whatever the decoder raises.

    Decoders document few of their exceptions. On damaged files, `zipfile` raises at least BadZipFile,
    NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError, zlib.error and lzma.LZMAError. Pillow, pyarrow,
    json and tarfile have as many, and new versions add more. So no list of exceptions is complete.

    A `ScorpError` that is raised inside passes unchanged.

    Args:
        error: what to raise.
        what: the file, and the part of it, for the message.
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

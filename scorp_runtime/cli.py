"""The command line `scorp-gen`: words on stderr, data on stdout, one line per error.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted; 143 ended by SIGTERM and 141 by a reader
that went away, as shells have it.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from . import __version__
from .errors import ModelError, RequestError, ScorpError

PROGRAM = "scorp-gen"

FAILED, WRONG_USAGE, BAD_MODEL, BROKEN_PIPE = 1, 2, 3, 141
_ENDED_BY_SIGNAL = 128  # plus its number


class _Interrupted(BaseException):
    """A signal. Not KeyboardInterrupt, of which Python remembers, to its exit code, that a library met it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-gen` and return its exit code.

    Args:
        arguments: None for those of the process.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:  # answered before even the option parser is imported
        print(PROGRAM, __version__)
        return 0
    received: list[int] = []
    try:
        with _orderly_end(received):
            _run(words, received)
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt, _Interrupted) as error:
        if "--debug" in words:
            import traceback

            traceback.print_exc()
        # A signal counts even where the cleaning up behind it ran into an error of its own.
        line = "interrupted" if received else _one_line(error)
        print(f"{PROGRAM}: {line}", file=sys.stderr)
        return _ENDED_BY_SIGNAL + received[0] if received else _exit_code(error)
    return 0


def _run(words: list[str], received: list[int]) -> None:
    from .options import read_options

    options = read_options(words)
    options.received = received
    options.run(options)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, RequestError):
        return WRONG_USAGE
    if isinstance(error, ModelError):
        return BAD_MODEL
    return FAILED


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ScorpError):
        return text
    return f"{type(error).__name__}: {text} (--debug tells more)"


@contextmanager
def _orderly_end(received: list[int]) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into an exception, so that what was begun is removed, and note which came."""

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        raise _Interrupted

    before = {}
    with suppress(ValueError):  # outside the main thread, signals are someone else's
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _drop_stdout() -> None:
    """Keep the interpreter from complaining, at its end, of the pipe that nobody reads."""
    import os

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

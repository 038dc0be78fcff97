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

FAILED, WRONG_USAGE, BAD_MODEL = 1, 2, 3
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-gen` and return its exit code.

    Args:
        arguments: None for those of the process.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:  # answered before even the option parser is imported
        print(PROGRAM, __version__)
        return 0
    try:
        with _orderly_end():
            _run(words)
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in words:
            import traceback

            traceback.print_exc()
        else:
            print(f"{PROGRAM}: {_one_line(error)}", file=sys.stderr)
        return _exit_code(error)
    return 0


def _run(words: list[str]) -> None:
    from .options import read_options

    options = read_options(words)
    options.run(options)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, RequestError):
        return WRONG_USAGE
    if isinstance(error, ModelError):
        return BAD_MODEL
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED


def _one_line(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    text = " ".join(str(error).split())
    if isinstance(error, ScorpError):
        return text
    return f"{type(error).__name__}: {text} (--debug tells more)"


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that what was begun is removed."""
    try:
        before = signal.signal(signal.SIGTERM, _terminate)
    except ValueError:  # not in the main thread, where signals are someone else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: object) -> None:
    raise SystemExit(TERMINATED)


def _drop_stdout() -> None:
    """Keep the interpreter from complaining, at its end, of the pipe that nobody reads."""
    import os

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""How every SCORP command behaves: words on stderr, data on stdout, one line per error, an exit code that tells.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted; 143 ended by SIGTERM, 129 by SIGHUP and 141
by a reader that went away, as shells have it.
"""

import argparse
import gc
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from scorp_runtime.errors import ModelError, OutputError, RequestError, ScorpError, printable

FAILED, WRONG_USAGE, BAD_MODEL, BROKEN_PIPE = 1, 2, 3, 141
_ENDED_BY_SIGNAL = 128  # plus its number
_ENDING = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))  # Windows has no SIGHUP


class OneLineParser(argparse.ArgumentParser):
    """An option parser whose complaint is one line, raised as `RequestError`."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint instead of printing usage and leaving."""
        raise RequestError(f"{message}{self._suggestion(message)} (see {self.prog} --help)")

    def _suggestion(self, message: str) -> str:
        """Return the option that was meant, if one is spelt much like an unknown one."""
        _, unknown, words = message.partition("unrecognized arguments: ")
        if not unknown or not words.startswith("-"):
            return ""
        from difflib import get_close_matches

        known = [name for name in self._option_string_actions if name.startswith("--")]
        near = get_close_matches(words.split()[0].partition("=")[0], known, 1)
        return f"; did you mean {near[0]}?" if near else ""

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print the help or the version, or raise an error where argparse would keep silent."""
        print(message, end="", file=file or sys.stdout, flush=True)


class ClosedStdout(io.TextIOBase):
    """Stands where a shell's `>&-` left no stdout, so that nobody believes to have told something."""

    def write(self, text: str) -> int:
        """Refuse."""
        raise OutputError("cannot write to stdout: it is closed")


class _Interrupted(BaseException):
    """A signal. Not KeyboardInterrupt, of which Python remembers, to its exit code, that a library met it."""


def run_command(
    program: str,
    command: Callable[[Sequence[str]], None],
    words: Sequence[str],
    received: list[int] | None = None,
) -> int:
    """Run a command and return its exit code.

    Args:
        program: its name, in front of every line on stderr.
        command: does the work; takes the words, raises where it fails.
        words: of the command line. `--debug` among them shows the traceback of an error.
        received: filled with the number of a signal that came, for commands that ask between two steps.
    """
    received = [] if received is None else received
    _fill_closed_streams()
    with _silent_remains(received):
        return _run(program, command, words, received)


def _run(
    program: str, command: Callable[[Sequence[str]], None], words: Sequence[str], received: list[int]
) -> int:
    try:
        with _orderly_end(received), _plain_warnings(program):
            try:
                command(words)
            except SystemExit as leaving:
                if leaving.code:  # none after the option parser has printed its help
                    raise
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
        with suppress(OSError):  # the code tells it, too
            print(f"{program}: {line}", file=sys.stderr)
        return _ENDED_BY_SIGNAL + received[0] if received else _exit_code(error)
    return 0


def _exit_code(error: BaseException) -> int:
    if isinstance(error, RequestError):
        return WRONG_USAGE
    if isinstance(error, ModelError):
        return BAD_MODEL
    return FAILED


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{error.strerror}: {error.filename}") if error.filename else error.strerror
    text = printable(" ".join(str(error).split()))
    if isinstance(error, MemoryError):
        return f"out of memory: {text}" if text else "out of memory"
    if isinstance(error, ScorpError):
        return text
    return f"{type(error).__name__}: {text} (--debug tells more)"


@contextmanager
def _plain_warnings(program: str) -> Iterator[None]:
    """Tell a warning as one line, like everything else, and not where in the code it arose."""

    def tell(message: Warning | str, *place: object, **more: object) -> None:
        print(f"{program}: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield


@contextmanager
def _orderly_end(received: list[int]) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into an exception, so that what was begun is removed, and note which came."""

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        raise _Interrupted

    before = {}
    with suppress(ValueError):  # outside the main thread, signals are someone else's
        for number in _ENDING:
            if number not in before and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _silent_remains(received: list[int]) -> Iterator[None]:
    """Let what a signal left half made be collected without a word.

    The exception may come in the middle of a constructor, and a `__del__` then miss what it never came to have.
    """
    before = sys.unraisablehook
    sys.unraisablehook = lambda unraisable: None if received else before(unraisable)
    try:
        yield
    finally:
        if received:
            gc.collect()
        sys.unraisablehook = before


def _fill_closed_streams() -> None:
    """Put the null device where a shell's `2>&-` left nothing.

    The next file that is opened would be number 2, and get what libraries have to say; and `print` takes a stderr
    that is None for stdout, so that words would end up among the data, and keeps silent where that is None, too.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 -- until the process ends
    if sys.stdout is None:
        sys.stdout = ClosedStdout()


def _drop_stdout() -> None:
    """Keep the interpreter from complaining, at its end, of the pipe that nobody reads."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""How every SCORP command runs: data on stdout, messages on stderr, one line per error, an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted; as in shells, 143 is SIGTERM, 129 SIGHUP and
141 a reader of stdout that left.
"""

import argparse
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
_SIGNALS = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}  # Windows has no SIGHUP


class OneLineParser(argparse.ArgumentParser):
    """An option parser that reports wrong usage as a `RequestError` of one line."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise RequestError(f"{message}{self._suggestion(message)} (see {self.prog} --help)")

    def _suggestion(self, message: str) -> str:
        """Return the known option that is most like an unknown one."""
        _, unknown, words = message.partition("unrecognized arguments: ")
        if not unknown or not words.startswith("-"):
            return ""
        from difflib import get_close_matches

        known = [name for name in self._option_string_actions if name.startswith("--")]
        near = get_close_matches(words.split()[0].partition("=")[0], known, 1)
        return f"; did you mean {near[0]}?" if near else ""

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print the help or the version; unlike argparse, raise an error if that fails."""
        print(message, end="", file=file or sys.stdout, flush=True)


class ClosedStdout(io.TextIOBase):
    """A replacement for a stdout that the shell closed by `>&-`: printing fails instead of doing nothing."""

    def write(self, text: str) -> int:
        """Refuse."""
        raise OutputError("cannot write to stdout: it is closed")


class _Interrupted(BaseException):
    """A signal. Not KeyboardInterrupt: Python would use that for its own exit code."""


def run_command(
    program: str,
    command: Callable[[Sequence[str]], None],
    words: Sequence[str],
    received: list[int] | None = None,
) -> int:
    """Run a command with the words of its command line, and return its exit code.

    `program` is the prefix of every line on stderr. `received` gets the number of a signal that arrives, so that the
    command can check it.
    """
    received = [] if received is None else received
    _fill_closed_streams()
    try:
        with _signals_raise(received), _one_line_warnings(program):
            try:
                command(words)
            except SystemExit as leaving:
                if leaving.code:  # the help has none
                    raise
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt, _Interrupted) as error:
        if "--debug" in words:
            import traceback

            traceback.print_exc()
        # A signal counts even if cleaning up failed after it.
        line = "interrupted" if received else _one_line(error)
        with suppress(OSError):  # without stderr, the exit code is the message
            print(f"{program}: {line}", file=sys.stderr)
        if received:
            return _ENDED_BY_SIGNAL + received[0]
        if isinstance(error, RequestError):
            return WRONG_USAGE
        return BAD_MODEL if isinstance(error, ModelError) else FAILED
    return 0


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{error.strerror}: {error.filename}") if error.filename else error.strerror
    text = printable(" ".join(str(error).split()))
    if isinstance(error, MemoryError):
        return f"out of memory: {text}" if text else "out of memory"
    if isinstance(error, ScorpError):
        return text
    return f"{type(error).__name__}: {text} (--debug prints the traceback)"


@contextmanager
def _one_line_warnings(program: str) -> Iterator[None]:
    """Print a warning as one line, without its place in the code."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print(f"{program}: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextmanager
def _signals_raise(received: list[int]) -> Iterator[None]:
    """Turn signals that end a process into an exception, so that partial files are removed."""

    def interrupt(number: int, _: object) -> None:
        received.append(number)
        # The exception may come inside a constructor, whose `__del__` then misses attributes.
        sys.unraisablehook = lambda _: None
        raise _Interrupted

    before = {}
    with suppress(ValueError):  # only the main thread can handle signals
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _fill_closed_streams() -> None:
    """Open the null device in place of streams that the shell closed, as by `2>&-`.

    Otherwise the next file opened would be number 2 and receive the messages of libraries.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stderr is None:  # `print` would use stdout
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 -- until the process ends
    if sys.stdout is None:
        sys.stdout = ClosedStdout()


def _drop_stdout() -> None:
    """Prevent the interpreter's complaint about the broken pipe at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""How every command of the trainer ends: an exit code, and one line where something went wrong."""

import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import FrameType

from scorp_runtime.errors import ModelError, RequestError, ScorpError

FAILED, WRONG_USAGE, BAD_MODEL, INTERRUPTED, TERMINATED = 1, 2, 3, 130, 143


def run_command(program: str, command: Callable[[Sequence[str]], None], arguments: Sequence[str]) -> int:
    """Runs a command; returns 0, or after one line on stderr 1 failed, 2 wrong usage, 3 bad model, 130 interrupted.

    `--debug` among the arguments shows the traceback instead of the line.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        command(arguments)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in arguments:
            traceback.print_exc()
        else:
            print(f"{program}: {_line(error)}", file=sys.stderr)
        return _exit_code(error)
    return 0


def _terminate(number: int, frame: FrameType | None) -> None:
    # An exception, so that half-written files are removed on the way out.
    raise SystemExit(TERMINATED)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, RequestError):
        return WRONG_USAGE
    if isinstance(error, ModelError):
        return BAD_MODEL
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED


def _line(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    text = " ".join(str(error).split())
    return text if isinstance(error, ScorpError) else f"{type(error).__name__}: {text} (--debug tells more)"

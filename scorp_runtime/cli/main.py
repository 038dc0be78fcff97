"""The command line `scorp-gen`."""

import gc
import os
import sys

from scorp_runtime.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

PROGRAM = "scorp-gen"


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run `scorp-gen` with `arguments` (None is those of the process), and return its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"] and sys.stdout is not None:  # answered before even argparse is imported
        print(PROGRAM, __version__)
        return 0
    from .process import run_command

    received: list[int] = []

    def command(words: "Sequence[str]") -> None:
        from .parser import read_options

        options = read_options(words)
        options.received = received
        options.run(options)

    return run_command(PROGRAM, command, words, received)


def run_and_leave() -> "NoReturn":
    """Run `scorp-gen` as a process of its own and end it.

    After success the interpreter is not finalised, which would take a tenth of a short run. After a failure it is: a
    pool of processes may still hold semaphores.
    """
    gc.set_threshold(100_000)  # imports make many objects, and hardly any garbage
    code = 0
    try:
        code = main()
        sys.stdout.flush()
        if code:
            sys.exit(code)
    except OSError as error:
        if code == 0:
            code = 1
            print(f"{PROGRAM}: cannot write to stdout: {error.strerror}", file=sys.stderr)
    os._exit(code)

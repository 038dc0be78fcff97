"""The command line `scorp-gen`."""

import sys
from collections.abc import Sequence

from . import __version__

PROGRAM = "scorp-gen"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-gen` and return its exit code; `manners` lists them.

    Args:
        arguments: None for those of the process.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:  # answered before even the option parser is imported
        print(PROGRAM, __version__)
        return 0
    from .manners import run_command

    received: list[int] = []

    def command(words: Sequence[str]) -> None:
        from .options import read_options

        options = read_options(words)
        options.received = received
        options.run(options)

    return run_command(PROGRAM, command, words, received)

"""The options of `scorp-gen`, read without loading a model."""

import argparse
import re
from collections.abc import Sequence
from types import ModuleType

from . import __version__
from .commands import bench, check, draw, info, serve, verify
from .commands.drawing import KNOB_OPTIONS
from .errors import RequestError
from .manners import OneLineParser
from .words import has_several_digits

_COMMANDS = {"info": info, "check": check, "verify": verify, "bench": bench, "serve": serve}
_SIGNED = (*KNOB_OPTIONS, "--text", "--spacing")
_NEGATIVE = re.compile(r"-[.\d].*")


def read_options(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line.

    Returns:
        The options; `options.run(options)` does what they ask.

    Raises:
        RequestError: for anything that is not understood.
        SystemExit: after `--help` and `--version`.
    """
    if empty := [word for word in words if word.startswith("--") and word.endswith("=--")]:
        raise RequestError(f"{empty[0]} has no value")  # some versions of argparse would make a list of it
    words = _text_of_numbers(words)
    if words and words[0] in _COMMANDS:
        name, *rest = words
        parser = _parser(f"scorp-gen {name}", _COMMANDS[name])
    elif any(word.partition("=")[0] == "--text" for word in words):
        from .commands import text

        rest = _join_negatives(words)
        parser = _parser("scorp-gen --text TEXT", text, text.EPILOG)
        parser.usage = "scorp-gen --text TEXT [options] OUTPUT"
    else:
        rest = _join_negatives(words)
        parser = _parser("scorp-gen", draw, draw.EPILOG)
        parser.add_argument("--version", action="version", version=f"scorp-gen {__version__}")
    parser.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    return parser.parse_intermixed_args(rest)


def _parser(program: str, command: ModuleType, epilog: str | None = None) -> OneLineParser:
    parser = OneLineParser(
        prog=program,
        description=command.__doc__,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_options(parser)
    return parser


def _text_of_numbers(words: Sequence[str]) -> list[str]:
    """Turn WHAT in front that names several digits, such as `forty-two`, into `--text forty-two`."""
    return ["--text", *words] if words and has_several_digits(words[0]) else list(words)


def _join_negatives(words: Sequence[str]) -> list[str]:
    """Join `--slant -10..5` to `--slant=-10..5`, which argparse would take for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and _NEGATIVE.fullmatch(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined

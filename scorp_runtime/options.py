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
    place = _operand(words)
    first = "" if place is None else words[place]
    is_text = any(word.partition("=")[0] == "--text" for word in words)
    if first in _COMMANDS and not (is_text and place):
        rest = [*words[:place], *words[place + 1 :]]
        parser = _parser(f"scorp-gen {first}", _COMMANDS[first])
    elif is_text or has_several_digits(first):
        from .commands import text

        if has_several_digits(first) and not (is_text and place):  # `forty-two` is two images
            words = [*words[:place], f"--text={first}", *words[place + 1 :]]
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


def _operand(words: Sequence[str]) -> int | None:
    """Return the place of the first word that is neither an option nor the value of one; None behind `--`."""
    if not words or not words[0].startswith("-") or words[0] == "-":
        return 0 if words else None
    flags = _flags()
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--":
            return None
        if not word.startswith("-") or word == "-":
            return place
        has_value = word not in flags and ("=" not in word if word.startswith("--") else len(word) == 2)
        place += 1 + has_value
    return None


def _flags() -> set[str]:
    """Return the options, of all commands, that take no value."""
    from .commands import text

    parsers = [_parser("", command) for command in (draw, text, *_COMMANDS.values())]
    actions = [action for parser in parsers for action in parser._actions]
    return {"--debug", "--version"}.union(*(action.option_strings for action in actions if action.nargs == 0))


def _join_negatives(words: Sequence[str]) -> list[str]:
    """Join `--slant -10..5` to `--slant=-10..5`, which argparse would take for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and _NEGATIVE.fullmatch(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined

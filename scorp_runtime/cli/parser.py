"""The options of `scorp-gen`, read without loading a model."""

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from scorp_runtime.errors import RequestError
from scorp_runtime.text.phrases import has_several_digits
from scorp_runtime.version import __version__

from . import COMMANDS
from .drawing_options import KNOB_OPTIONS
from .process import OneLineParser

_SIGNED = (*KNOB_OPTIONS, "--text", "--spacing")
_NEGATIVE = re.compile(r"-[.\d].*")


def read_options(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line; without any, show the short help.

    Returns:
        The options; `options.run(options)` does what they request.

    Raises:
        RequestError: for anything that is not understood.
        SystemExit: after `-h`, `--help` and `--version`.
    """
    if empty := [word for word in words if word.startswith("--") and word.endswith("=--")]:
        raise RequestError(f"{empty[0]} has no value")  # some versions of argparse would make a list of it
    name, rest = _command(words)
    if not rest and name in ("draw", "text"):
        rest = ["-h"]
    return _parser(name).parse_intermixed_args(_join_negatives(rest))


def _command(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the name of the command that is meant, and its own words."""
    place = _operand(words)
    first = "" if place is None else words[place]
    is_text = any(word.partition("=")[0] == "--text" for word in words)
    if is_text and place != 0:
        return "text", words
    before, behind = words[:place], words[(place or 0) + 1 :]
    if first in COMMANDS:
        return first, [*before, *behind]
    if has_several_digits(first):  # `forty-two` is two images
        return "text", [*before, f"--text={first}", *behind]
    return "text" if is_text else "draw", words


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
    actions = [action for name in ("draw", *COMMANDS) for action in _parser(name)._actions]
    return {flag for action in actions if action.nargs == 0 for flag in action.option_strings}


def _parser(name: str) -> OneLineParser:
    command = import_module(f".{name}", __package__)
    parser = OneLineParser(
        prog="scorp-gen" if name == "draw" else f"scorp-gen {name}",
        usage=command.USAGE,
        description=f"{command.__doc__}\n\n{command.EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    command.add_options(parser)
    group = parser.add_argument_group("general")
    group.add_argument("-h", action=_ShortHelp, groups=getattr(command, "SHORT", None), help="short help")
    group.add_argument("--help", action="help", help="help with every option")
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only on stderr")
    group.add_argument("--debug", action="store_true", help="traceback when something fails")
    group.add_argument("--version", action="version", version=f"scorp-gen {__version__}", help="version")
    return parser


class _ShortHelp(argparse.Action):
    """Shows the help with some groups of options only."""

    def __init__(self, *, groups: Sequence[str] | None, **of_all: Any) -> None:
        super().__init__(**of_all | {"nargs": 0, "dest": argparse.SUPPRESS, "default": argparse.SUPPRESS})
        self._groups = groups

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        if self._groups is not None:
            for group in parser._action_groups:
                if group.title not in ("positional arguments", *self._groups):
                    for action in group._group_actions:
                        action.help = argparse.SUPPRESS
            parser.epilog = f"Run `{parser.prog} --help` for every option."
        parser.print_help()
        parser.exit()


def _join_negatives(words: Sequence[str]) -> list[str]:
    """Join `--slant -10..5` to `--slant=-10..5`, which argparse would take for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and _NEGATIVE.fullmatch(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined

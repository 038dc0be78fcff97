"""The parser of `scorp-gen`. Reading options loads no model."""

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from scorp_runtime.errors import RequestError
from scorp_runtime.version import __version__

from . import COMMANDS
from .completion import SHELLS, completion_script
from .process import OneLineParser


def read_options(words: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line, of which `options.run(options)` runs the command.

    Without words, it shows the short help. After a help, it raises `SystemExit`; for wrong usage, `RequestError`.
    """
    if empty := [word for word in words if word.startswith("--") and word.endswith("=--")]:
        raise RequestError(f"{empty[0]} has no value")  # some versions of argparse would make a list of it
    name, rest = _command(words)
    if not rest and name in ("draw", "text"):
        rest = ["-h"]
    return command_parser(name).parse_intermixed_args(rest)


def command_parser(name: str) -> OneLineParser:
    """Return the parser of a command, which is `draw` or one of `COMMANDS`."""
    command = import_module(f".{name}", __package__)
    parser = OneLineParser(
        prog="scorp-gen" if name == "draw" else f"scorp-gen {name}",
        usage=command.USAGE,
        description=f"{command.__doc__}\n\n{command.EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser._negative_number_matcher = re.compile(r"-[.\d]")  # -10..5 is a value as -10 is
    parser.set_defaults(run=command.run)
    command.add_options(parser)
    group = parser.add_argument_group("general")
    group.add_argument("-h", action=_ShortHelp, groups=getattr(command, "SHORT", None), help="short help")
    group.add_argument("--help", action="help", help="help with every option")
    group.add_argument("-q", "--quiet", action="store_true", help="print only errors on stderr")
    group.add_argument("--debug", action="store_true", help="print a traceback with an error")
    group.add_argument("--version", action="version", version=f"scorp-gen {__version__}", help="version")
    if name == "draw":
        group.add_argument(
            "--print-completion",
            action=_PrintCompletion,
            choices=SHELLS,
            help="completion script of a shell, which needs the extra `completion`",
        )
    return parser


def _command(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the name of the command, and its own words."""
    place = _first_operand(words)
    first = "" if place is None else words[place]
    is_text = any(word.partition("=")[0] == "--text" for word in words)
    if is_text and place != 0:
        return "text", words
    before, behind = words[:place], words[(place or 0) + 1 :]
    if first in COMMANDS:
        return first, [*before, *behind]
    return "text" if is_text else "draw", words


def _first_operand(words: Sequence[str]) -> int | None:
    """Return the index of the first word that is neither an option nor its value; None without one before `--`."""
    options: dict[str, argparse.Action] = {}
    is_value = False
    for place, word in enumerate(words):
        if is_value:
            is_value = False
        elif word == "--":
            return None
        elif word == "-" or not word.startswith("-"):
            return place
        else:
            options = options or {
                **_options("draw"),
                **_options("text"),
            }  # other commands have hardly any more
            is_value = word in options and options[word].nargs != 0
    return None


def _options(command: str) -> dict[str, argparse.Action]:
    return command_parser(command)._option_string_actions


class _ShortHelp(argparse.Action):
    """Show the help of some option groups only."""

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


class _PrintCompletion(argparse.Action):
    """Print the completion script of a shell."""

    def __call__(self, parser: argparse.ArgumentParser, _: object, shell: Any, *__: object) -> None:
        commands = {name: command_parser(name) for name in COMMANDS}
        print(completion_script(shell, command_parser("draw"), commands))
        parser.exit()

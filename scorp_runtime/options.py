"""The options of `scorp-gen`, read without loading a model."""

import argparse
import re
from collections.abc import Sequence

from . import __version__
from .commands import check, draw, info, text
from .manners import OneLineParser
from .words import has_several_digits

_COMMANDS = {"info": info, "check": check}
_SIGNED = (*draw.KNOB_OPTIONS, "--text", "--spacing")
_NEGATIVE = re.compile(r"-[.\d].*")


def read_options(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line.

    Returns:
        The options; `options.run(options)` does what they ask.

    Raises:
        RequestError: for anything that is not understood.
        SystemExit: after `--help` and `--version`.
    """
    words = _text_of_numbers(words)
    if words and words[0] in _COMMANDS:
        name, *rest = words
        command = _COMMANDS[name]
        parser = OneLineParser(prog=f"scorp-gen {name}", description=command.__doc__, allow_abbrev=False)
        command.add_options(parser)
    elif any(word.partition("=")[0] == "--text" for word in words):
        rest = _join_negatives(words)
        parser = OneLineParser(
            prog="scorp-gen --text TEXT",
            usage="scorp-gen --text TEXT [options] OUTPUT",
            description=text.__doc__,
            epilog=text.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        text.add_options(parser)
    else:
        rest = _join_negatives(words)
        parser = OneLineParser(
            prog="scorp-gen",
            description=draw.__doc__,
            epilog=draw.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        draw.add_options(parser)
        parser.add_argument("--version", action="version", version=f"scorp-gen {__version__}")
    parser.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    return parser.parse_intermixed_args(rest)


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

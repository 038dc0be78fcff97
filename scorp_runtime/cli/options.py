"""Options and argument types that several commands share."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.model.bundled import SELECTED_FOR, TEXT

_MODEL = "name of a bundled model, or path of an .onnx file (default: {})"
_KNOBS = {
    "thickness": "stroke thickness in px, for digits about 1.3 to 6",
    "slant": "slant to the right in degrees, for digits about -38 to 45",
    "width": "width of the ink in px, for digits about 3.8 to 20",
    "rarity": "how unusual the forms are, about 0 to 2",
}
STYLE = "style (a number, or a range such as 2..5; `scorp-gen info` shows the limits)"


_EFFECTS: dict[str, tuple[str, str]] = {
    "breaks": ("SEVERITY", "gaps in the strokes, 0 to 5 (default: 0)"),
    "size": ("PX", "height of an image in px, 4 to 1024 (default: the model's)"),
    "fade": ("SEVERITY", "ink that gets lighter along the strokes, 0 to 5 (default: 0)"),
    "bleed": ("SEVERITY", "ink that runs into the paper, 0 to 5 (default: 0)"),
    "shift": ("PX", "largest shift from the centre in px, 0 to 1024 (default: 0)"),
    "blur": ("SEVERITY", "blur, 0 to 5 (default: 0)"),
    "background": ("GREY", "grey level of the paper, 0 to 255 (default: 0)"),
    "ink": ("COLOUR", "colour of the ink: '#1a2a6c', '#12c' or navy (default: grey images)"),
    "paper": ("PAPER", "a colour, ruled, grid or a PNG file (default: grey images, or white with --ink)"),
    "noise": ("SEVERITY", "noise of every pixel, 0 to 5 (default: 0)"),
}
_ONLY_IMAGES = ("size", "shift")


def whole_number(low: int = 0, high: int = (1 << 64) - 1) -> Callable[[str], int]:
    """Return an argument type that reads a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high:
            return int(text)
        limit = str(high) if high < 1 << 32 else f"2^{high.bit_length()} - 1"
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from {low} to {limit}")

    return read


WHOLE = whole_number()
COUNT = whole_number(1, sys.maxsize)


def threads(text: str) -> int | str:
    """Read a number of threads, whose limit `Generator` checks, or auto."""
    if text.isascii() and text.isdigit() and len(text) < 5:
        return int(text)
    if text != "auto":
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is neither a whole number from 1 to 1024 nor auto")
    return text


def add_value(group: Any, names: str, metavar: str, text: str, read: Any = str, **more: Any) -> None:
    """Add an option with a value: its names, the name and meaning of the value, and its type."""
    group.add_argument(*names.split(), metavar=metavar, help=text, type=read, **more)


def add_flag(group: Any, names: str, text: str) -> None:
    """Add an option without a value."""
    group.add_argument(*names.split(), action="store_true", help=text)


def add_samples(group: Any, count: str, **more: Any) -> None:
    """Add the options that select samples and the model; `count` describes `--count`."""
    add_value(group, "-n --count", "N", count, COUNT, **more)
    add_value(group, "-s --seed", "S", "seed, 0 to 2^64-1 (default: random, printed to stderr)", WHOLE)
    add_value(group, "--start", "I", "index of the first sample, 0 to 2^64-1 (default: 0)", WHOLE, default=0)
    add_value(group, "--writer", "W", "writer, 0 to 2^64-1, the same for every seed (default: random)", WHOLE)
    add_model(group, ", ".join(f"{name} for {use}" for name, use in SELECTED_FOR.items()))


def add_model(group: Any, default: str = "digits") -> None:
    """Add the options that select a model and how it runs; `default` describes the default model."""
    add_value(group, "--model", "MODEL", _MODEL.format(default))
    default = "default: $SCORP_THREADS, or 1"
    add_value(group, "--threads", "N", f"number of threads, 1 to 1024, or auto ({default})", threads)
    add_backend(group)


def model_for(model: str | None, *, digits_alone: bool) -> str | None:
    """Return the model for a request, given the option `--model`; `SELECTED_FOR` is the rule. None: the default."""
    return TEXT if model is None and not digits_alone else model


def add_backend(group: Any) -> None:
    """Add `--backend`."""
    default = "default: onnxruntime, or numpy where that is not installed"
    group.add_argument("--backend", choices=BACKENDS, help=f"library that runs the network ({default})")


def add_model_operand(parser: argparse.ArgumentParser) -> None:
    """Add the model of a command about one model: a positional argument, or `--model`."""
    meaning = _MODEL.format("digits")
    parser.add_argument("model", metavar="MODEL", nargs="?", default=argparse.SUPPRESS, help=meaning)
    parser.add_argument("--model", metavar="MODEL", help=argparse.SUPPRESS)


def add_style(parser: argparse.ArgumentParser) -> None:
    """Add the options of the knobs."""
    group = parser.add_argument_group(STYLE)
    for name, meaning in _KNOBS.items():
        add_value(group, f"--{name}", "V", f"{meaning} (default: natural variation)")


def add_effects(parser: argparse.ArgumentParser, *, pages: bool = False) -> None:
    """Add the options of the effects; not all are for pages."""
    group = parser.add_argument_group("effects, applied in this order")
    for name, (unit, meaning) in _EFFECTS.items():
        if not pages or name not in _ONLY_IMAGES:
            is_number = name not in ("ink", "paper")
            default = 0 if is_number and name != "size" else None
            add_value(group, f"--{name}", unit, meaning, WHOLE if is_number else str, default=default)


def effects_of(options: argparse.Namespace, *, pages: bool = False) -> dict[str, Any]:
    """Return the value of every effect that the command has, by name."""
    return {name: getattr(options, name) for name in _EFFECTS if not pages or name not in _ONLY_IMAGES}


def chosen_effects(options: argparse.Namespace, *, pages: bool = False) -> dict[str, Any]:
    """Return the effects that change something; raise `ScorpError` if one is wrong."""
    values = {name: value for name, value in effects_of(options, pages=pages).items() if value}
    if not values:
        return values
    from scorp_runtime.imaging.effects import Effects

    effects = Effects(**values)
    effects.check_invert(options.invert)
    return effects.changes()


def chosen_styles(options: argparse.Namespace) -> dict[str, Any]:
    """Return the knobs that the options set, by name."""
    return {name: value for name in _KNOBS if (value := getattr(options, name)) is not None}

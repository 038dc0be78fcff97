"""What `scorp-gen WHAT` and `scorp-gen --text` share: the options of what is drawn, and words on stderr."""

import argparse
import sys
from typing import Any

from ..backends import BACKENDS
from .numbers import count, whole

STDOUT = "-"
_KNOBS = {"thickness": "of the pen", "slant": "to the right", "width": "of the digit"}
KNOB_OPTIONS = tuple(f"--{name}" for name in _KNOBS)


def add_seed(group: Any) -> None:
    """Declare the options that say which addresses are drawn, and in whose hand."""
    group.add_argument("-s", "--seed", type=whole, metavar="S", help="0 to 2^64-1 (default: drawn, and told)")
    group.add_argument("--start", type=whole, default=0, metavar="I", help="index of the first (default: 0)")
    group.add_argument("--writer", type=whole, metavar="W", help="0 to 2^64-1: one hand, in every seed")


def add_model(group: Any) -> None:
    """Declare the options that say what draws."""
    group.add_argument("--model", metavar="M", help="name of a bundled model, or path (default: digits)")
    group.add_argument("--threads", type=_threads, metavar="N", help="threads to use, or auto (default: 1)")
    group.add_argument("--backend", choices=BACKENDS, help="what runs the model (default: onnxruntime)")


def add_style(group: Any) -> None:
    """Declare the options of the knobs."""
    for name, meaning in _KNOBS.items():
        group.add_argument(f"--{name}", metavar="V", help=f"{meaning}; default: as people write")


def asked_styles(options: argparse.Namespace) -> dict[str, Any]:
    """Return the knobs that the options set, by name."""
    asked = {name: getattr(options, name) for name in _KNOBS}
    return {name: value for name, value in asked.items() if value is not None}


def say(text: str) -> None:
    """Print a line on stderr."""
    print(f"scorp-gen: {text}", file=sys.stderr)


def _threads(text: str) -> int | str:
    return text if text == "auto" else count(text)

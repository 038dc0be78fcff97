"""What the commands of `scorp-eval` take alike on their command lines."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_train.errors import UsageError

if TYPE_CHECKING:
    from scorp_train.judge import Judge


def choose_judge(name: str, classes: tuple[str, ...]) -> "Judge":
    """The judge of that name, or in that `.onnx` file, for these classes. Raises `UsageError`."""
    from scorp_train.judge import Judge, load_judge

    try:
        judge = Judge(Path(name)) if name.endswith(".onnx") else load_judge(name)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(
            f"{error}; train one with python -m scorp_train.judge and pass --judge FILE"
        ) from error
    if judge.classes != classes:
        raise UsageError(
            f"the judge {name} reads {', '.join(judge.classes)}, the data set has {', '.join(classes)}"
        )
    return judge


def positive(text: str) -> int:
    """A whole number from 1 up."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def seed(text: str) -> int:
    """A seed of the runtime."""
    number = int(text)
    if not 0 <= number < 2**64:
        raise argparse.ArgumentTypeError(f"{number} is not between 0 and 2^64 - 1")
    return number

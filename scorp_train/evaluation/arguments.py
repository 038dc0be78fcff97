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


def picture_count(text: str) -> int:
    """A number of pictures, which are all held in memory."""
    return _whole(text, 1, 1_000_000)


def thread_count(text: str) -> int:
    """A number of threads."""
    return _whole(text, 1, 1024)


def seed(text: str) -> int:
    """A seed of the runtime."""
    return _whole(text, 0, 2**64 - 1)


def _whole(text: str, low: int, high: int) -> int:
    number = int(text)
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{number} is not between {low} and {high}")
    return number

"""What the commands of `scorp-eval` take alike on their command lines."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_train.data.mnist_form import LAYOUTS
from scorp_train.errors import UsageError

if TYPE_CHECKING:
    from scorp_train.data import Dataset
    from scorp_train.judge import Judge

_TRAIN_ONE = "train one with python -m scorp_train.judge --data DIR and pass --judge FILE"


def choose_judge(name: str | None, dataset: "Dataset") -> tuple["Judge", "Dataset"]:
    """The judge of that name or in that `.onnx` file, and the data set with its labels as the judge counts them.

    Without a name, the shipped judge that a training of this data set scores with. Raises `UsageError`.
    """
    from scorp_train.judge import Judge, judge_for, load_judge

    try:
        if name is None:
            judge = judge_for(dataset.classes)
        else:
            judge = Judge(Path(name)) if name.endswith(".onnx") else load_judge(name)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(f"{error}; {_TRAIN_ONE}") from error
    if judge is None:
        raise UsageError(f"no judge reads all of {', '.join(dataset.classes)}; {_TRAIN_ONE}")
    if missing := [label for label in dataset.classes if label not in judge.classes]:
        raise UsageError(
            f"the judge {name} reads {', '.join(judge.classes)}, but not {', '.join(missing)}; {_TRAIN_ONE}"
        )
    return judge, dataset.counted_as(judge.classes)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """How the images of directories are read, as `scorp-train` has it."""
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        help="which images of class folders are scaled and centred as in MNIST (--data: auto; MODEL: none)",
    )
    parser.add_argument(
        "--invert-data", action="store_true", help="the images of --data have dark ink on light paper"
    )


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

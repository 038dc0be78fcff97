"""Options that `scorp-eval` and `scorp-eval compare` share."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_runtime.cli.process import OneLineParser
from scorp_train.data.mnist_form import LAYOUTS
from scorp_train.errors import UsageError

if TYPE_CHECKING:
    from scorp_train.data import Dataset
    from scorp_train.judge import Judge

PROGRAM = "scorp-eval"
_TRAIN_ONE = "train one with scorp-judge --data DIR and pass --judge FILE"


def common_parser(program: str, description: str) -> OneLineParser:
    """Return a parser of the shared options."""
    parser = OneLineParser(prog=program, description=description, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--data",
        default="mnist",
        help="real images: name of a dataset, or a directory of class folders or IDX files (default: %(default)s)",
    )
    add(
        "--judge",
        metavar="NAME|FILE",
        help="name of a judge, or its .onnx file (default: the one that training uses for this data)",
    )
    add(
        "--count",
        type=_between(1, 1_000_000),
        metavar="N",
        help="images per model (default: 10000, or 2000 with --quick)",
    )
    add(
        "--seed",
        type=_between(0, 2**64 - 1),
        default=0,
        help="seed of images and random choices (default: %(default)s)",
    )
    add("--quick", action="store_true", help="use smaller samples, which takes less than a minute per model")
    add(
        "--threads",
        type=_between(1, 1024),
        default=1,
        metavar="N",
        help="threads for classifiers (default: %(default)s)",
    )
    add(
        "--layout",
        choices=LAYOUTS,
        help="which images of class folders to scale and centre as in MNIST (default: auto for --data, none for MODEL)",
    )
    add("--invert-data", action="store_true", help="the images of --data have dark ink on light paper")
    add("--debug", action="store_true", help="show tracebacks")
    return parser


def load_data(options: argparse.Namespace) -> tuple["Dataset", "Judge"]:
    """Return the dataset of `--data` and the judge of `--judge`, which must know its classes.

    Without `--judge`, it is the shipped judge that training uses for this dataset. Raises `DataError` or `UsageError`.
    """
    from scorp_train.data import load_dataset
    from scorp_train.judge import Judge, judge_for, load_judge

    dataset = load_dataset(options.data, options.layout or "auto", options.invert_data)
    for note in dataset.notes:
        log(f"{options.data}: {note}")
    name = options.judge
    try:
        if name is None:
            judge = judge_for(dataset.classes)
        else:
            judge = Judge.open(Path(name)) if name.endswith(".onnx") else load_judge(name)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(f"{error}; {_TRAIN_ONE}") from error
    if judge is None:
        raise UsageError(f"no judge knows all of {', '.join(dataset.classes)}; {_TRAIN_ONE}")
    if missing := [label for label in dataset.classes if label not in judge.classes]:
        raise UsageError(
            f"the judge {name} knows {', '.join(judge.classes)}, but not {', '.join(missing)}; {_TRAIN_ONE}"
        )
    return dataset, judge


def log(line: str) -> None:
    """Print a line to stderr."""
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)


def _between(low: int, high: int) -> Callable[[str], int]:
    """Return a type of argument: an integer from `low` to `high`."""

    def integer(text: str) -> int:
        if not low <= (number := int(text)) <= high:
            raise argparse.ArgumentTypeError(f"{number} is not between {low} and {high}")
        return number

    return integer

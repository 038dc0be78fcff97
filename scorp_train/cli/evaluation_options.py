"""Options that `scorp-eval` and `scorp-eval compare` share."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_runtime.cli.options import WHOLE, add_flag, add_value, whole_number
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
    data = "real images: name of a dataset, or directory of class folders or IDX files (default: mnist)"
    judge = "name of a judge, or its .onnx file (default: the one that training uses for this data)"
    layout = "images to scale and centre as in MNIST (default: auto for --data, none for MODEL)"
    count = "images per model (default: 10000, or 2000 with --quick)"
    add_value(parser, "--data", "DATA", data, default="mnist")
    add_value(parser, "--judge", "NAME|FILE", judge)
    add_value(parser, "--count", "N", count, whole_number(1, 1_000_000))
    add_value(parser, "--seed", "S", "seed of images and random choices (default: 0)", WHOLE, default=0)
    add_flag(parser, "--quick", "use smaller samples, which takes less than a minute per model")
    add_value(
        parser, "--threads", "N", "threads of classifiers (default: 1)", whole_number(1, 1024), default=1
    )
    add_value(parser, "--layout", "{auto,mnist,none}", layout, choices=LAYOUTS)
    add_flag(parser, "--invert-data", "the images of --data have dark ink on light paper")
    add_flag(parser, "--debug", "show tracebacks")
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

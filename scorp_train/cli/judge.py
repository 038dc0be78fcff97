"""The command `scorp-judge`: train a judge, write its model and card, print the card as JSON."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scorp_runtime.cli.options import WHOLE, whole_number
from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_runtime.files.atomic import write_files
from scorp_train.files import check_folder, make_folder

PROGRAM = "scorp-judge"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-judge` and return the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command(PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    description = "Train a judge, the classifier that scorp-eval measures with."
    parser = OneLineParser(prog=PROGRAM, description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--data", default="mnist", help="name of a dataset, or a directory (default: %(default)s)")
    epochs = whole_number(1, 1_000_000)
    add("--epochs", type=epochs, default=18, help="passes over the training images (default: %(default)s)")
    add("--seed", type=WHOLE, default=0, help="seed of the training (default: %(default)s)")
    add("--output", type=Path, default=Path(), help="directory for the files (default: the current one)")
    add("--debug", action="store_true", help="show tracebacks")
    options = parser.parse_args(arguments)
    check_folder(options.output)
    _train_judge(options.data, options.epochs, options.seed, options.output)


def _train_judge(data: str, epochs: int, seed: int, output: Path) -> None:
    # Importing torch takes seconds, so wrong usage is reported first.
    import torch

    from scorp_train.data import load_dataset
    from scorp_train.judge import Judge
    from scorp_train.judge.card import card_markdown, measure_card
    from scorp_train.judge.export import build
    from scorp_train.judge.training import train

    torch.set_num_threads(1)  # the same weights on any number of cores
    dataset = load_dataset(data)
    network = train(dataset, epochs, seed, lambda line: print(line, file=sys.stderr, flush=True))
    command = f"{PROGRAM} --data {data} --epochs {epochs} --seed {seed}"
    parameters = sum(parameter.numel() for parameter in network.parameters())
    metadata = {"name": dataset.name, "classes": json.dumps(dataset.classes)}
    # The card describes the judge with its weights as stored.
    draft = Judge(build(network, metadata | {"card": "{}"}).SerializeToString(), "draft")
    card = measure_card(draft, dataset, command, parameters)
    content = build(network, metadata | {"card": json.dumps(card)}).SerializeToString()
    make_folder(output)
    path = output / f"{dataset.name}.onnx"
    write_files({path.with_suffix(".md"): card_markdown(card, len(content)).encode(), path: content})
    print(json.dumps(card))

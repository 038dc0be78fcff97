"""`python -m scorp_train.judge`: train a judge, write its file and its card, print the card's figures."""

import argparse
import json
import sys
from pathlib import Path

import torch

from scorp_runtime.atomic import whole_file
from scorp_train.data import DataError, load_dataset
from scorp_train.judge.card import card_fields, card_markdown, measure_card
from scorp_train.judge.export import build, save
from scorp_train.judge.reading import Judge
from scorp_train.judge.training import train


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scorp_train.judge", description="Train a judge.")
    parser.add_argument(
        "--data", default="mnist", help="name of a data set or a directory (default: %(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=18, help="passes over the data (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path(), help="directory for the files (default: here)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # the same weights on any number of cores
    try:
        dataset = load_dataset(options.data)
    except DataError as error:
        print(f"scorp_train.judge: {error}", file=sys.stderr)
        return 1
    network = train(
        dataset, options.epochs, options.seed, lambda line: print(line, file=sys.stderr, flush=True)
    )
    command = (
        f"python -m scorp_train.judge --data {options.data} --epochs {options.epochs} --seed {options.seed}"
    )
    parameters = sum(parameter.numel() for parameter in network.parameters())
    names = {"name": dataset.name, "classes": json.dumps(dataset.classes)}
    path = options.output / f"{dataset.name}.onnx"
    save(build(network, dataset.classes, names | {"card": "{}"}), path)
    card = measure_card(
        Judge(path), dataset, command, parameters
    )  # of the stored weights, not of the float ones
    save(build(network, dataset.classes, names | {"card": json.dumps(card_fields(card))}), path)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(card_markdown(card, path.stat().st_size).encode())
    print(json.dumps(card_fields(card)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

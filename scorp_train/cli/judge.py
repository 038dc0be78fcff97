"""`python -m scorp_train.judge`: train a judge, write its file and its card, print the card's figures."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_runtime.files.atomic import write_files
from scorp_train.files import check_folder, make_folder

PROGRAM = "python -m scorp_train.judge"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command(PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    parser = OneLineParser(prog=PROGRAM, description="Train a judge.", allow_abbrev=False)
    parser.add_argument(
        "--data", default="mnist", help="name of a data set or a directory (default: %(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=18, help="passes over the data (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path(), help="directory for the files (default: here)")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    options = parser.parse_args(arguments)
    if not (1 <= options.epochs <= 1_000_000 and 0 <= options.seed < 2**64):
        parser.error("--epochs must be from 1 to 1000000, --seed from 0 to 2^64 - 1")
    check_folder(options.output)
    _train_judge(options.data, options.epochs, options.seed, options.output)


def _train_judge(data: str, epochs: int, seed: int, output: Path) -> None:
    # Torch takes seconds to import; wrong usage is answered without it.
    import torch

    from scorp_train.data import load_dataset
    from scorp_train.judge.card import card_fields, card_markdown, measure_card
    from scorp_train.judge.export import build, save
    from scorp_train.judge.reading import Judge
    from scorp_train.judge.training import train

    torch.set_num_threads(1)  # the same weights on any number of cores
    dataset = load_dataset(data)
    network = train(dataset, epochs, seed, lambda line: print(line, file=sys.stderr, flush=True))
    command = f"{PROGRAM} --data {data} --epochs {epochs} --seed {seed}"
    parameters = sum(parameter.numel() for parameter in network.parameters())
    names = {"name": dataset.name, "classes": json.dumps(dataset.classes)}
    with tempfile.TemporaryDirectory() as scratch:
        # The card is of the stored weights, not of the float ones, so it needs a file before there is the file.
        draft = Path(scratch) / "draft.onnx"
        save(build(network, dataset.classes, names | {"card": "{}"}), draft)
        card = measure_card(Judge(draft), dataset, command, parameters)
    make_folder(output)
    path = output / f"{dataset.name}.onnx"
    model = build(network, dataset.classes, names | {"card": json.dumps(card_fields(card))})
    content = model.SerializeToString()
    write_files({path.with_suffix(".md"): card_markdown(card, len(content)).encode(), path: content})
    print(json.dumps(card_fields(card)))


if __name__ == "__main__":
    sys.exit(main())

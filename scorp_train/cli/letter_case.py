"""Tell capitals among letters whose case nobody noted.

A classifier of 52 classes learns from letters of known case, names the case of the others (whose letter is known),
and learns once more from those, too, of which it is sure. What it then calls a capital is one; so is every C, whose
two cases differ in size alone, which the pictures have lost. The output holds a bit for each picture of unknown case.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.decoding import decoding
from scorp_train.data.dataset import Dataset, Split
from scorp_train.data.errors import DataError
from scorp_train.data.letters import MIXED
from scorp_train.judge.training import train

PROGRAM = "python -m scorp_train.cli.letter_case"
LETTERS = 26
ALIKE = 2  # C
EACH = 400  # pictures of each class in an epoch
EPOCHS = (8, 14)
SURE = 0.9  # that it is a capital, given its letter
FITS, FITS_WELL = 0.5, 0.7  # that it is that letter at all


@dataclass(frozen=True, eq=False)
class Cases:
    """Probabilities float32 (N,): of being a capital, given the letter, and of being the letter in either case."""

    capital: NDArray[np.float32]
    letter: NDArray[np.float32]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command(PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    parser = OneLineParser(prog=PROGRAM, description="Tell capitals by a classifier.", allow_abbrev=False)
    parser.add_argument("letters", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with decoding(DataError, options.letters), np.load(options.letters, allow_pickle=False) as stored:
        images, letters, case = stored["images"], stored["labels"].astype(np.int64), stored["case"]
    mixed = case == MIXED
    capitals = find_capitals(images, letters, np.where(mixed, -1, case.astype(np.int64)))[mixed]
    print(np.bincount(letters[mixed][capitals], minlength=LETTERS).tolist())
    with atomic_file(options.output) as file:
        file.write(np.packbits(capitals).tobytes())


def find_capitals(
    images: NDArray[np.uint8], letters: NDArray[np.int64], case: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which of the pictures (N, 28, 28) of `letters` (N,) are capitals; `case` is 0, 1, or -1 where it is unknown."""
    open_ = case < 0
    labels = letters + LETTERS * np.maximum(case, 0)
    first = _read_cases(images, letters, np.flatnonzero(~open_), labels, EPOCHS[0], 0)
    sure = open_ & (first.letter > FITS) & (np.abs(first.capital - 0.5) > SURE - 0.5)
    labels = np.where(sure, letters + LETTERS * (first.capital < 0.5), labels)
    cases = _read_cases(images, letters, np.flatnonzero(sure | ~open_), labels, EPOCHS[1], 1)
    capital = (cases.capital > SURE) | (letters == ALIKE)
    capitals: NDArray[np.bool_] = np.where(open_, capital & (cases.letter > FITS_WELL), case == 0)
    return capitals


def _read_cases(
    images: NDArray[np.uint8],
    letters: NDArray[np.int64],
    places: NDArray[np.int64],
    labels: NDArray[np.int64],
    epochs: int,
    seed: int,
) -> Cases:
    """Train on the pictures at `places` and read all."""
    even = _even(places, labels[places], seed)
    split = Split(images[even], labels[even])
    dataset = Dataset("cases", tuple(map(str, range(2 * LETTERS))), split, split, "")
    network = train(dataset, epochs, seed, lambda line: print(line, file=sys.stderr, flush=True))
    with torch.inference_mode():
        shares = [
            network(torch.from_numpy(images[i : i + 500]).unsqueeze(1).float() / 255)[0].softmax(1).numpy()
            for i in range(0, len(images), 500)
        ]
    read, rows = np.concatenate(shares), np.arange(len(images))
    upper, lower = read[rows, letters], read[rows, letters + LETTERS]
    return Cases(upper / np.maximum(upper + lower, 1e-12), upper + lower)


def _even(places: NDArray[np.int64], labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """`EACH` places of each class, in random order; some more than once where there are fewer."""
    random = np.random.default_rng(seed)
    chosen = [
        random.choice(places[labels == k], EACH, replace=(labels == k).sum() < EACH)
        for k in np.unique(labels)
    ]
    return random.permutation(np.concatenate(chosen))


if __name__ == "__main__":
    sys.exit(main())

"""Label the case of EMNIST's letters, which the dataset does not record.

    python research/label_letter_case.py letters.npz emnist_capitals.bin

A classifier of 52 classes learns from letters of known case and reads the case of the others, whose letter is known.
It then learns again, also from those that it is sure of. The result is a bit for each image of unknown case: whether it
is a capital. C is always a capital, as its two cases differ only in size, which the images do not keep.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from scorp_runtime.files.atomic import atomic_file
from scorp_train.data.dataset import Dataset, Split
from scorp_train.data.letters import MIXED
from scorp_train.judge.network import to_tensor
from scorp_train.judge.training import train

LETTERS = 26
C = 2
EACH = 400  # images of each class in an epoch
EPOCHS = (8, 14)
SURE = 0.9  # probability of the case, given the letter
FITS, FITS_WELL = 0.5, 0.7  # probability of the letter in either case


@dataclass(frozen=True, eq=False)
class Cases:
    """Probabilities float32 (N,): of a capital, given the letter, and of the letter in either case."""

    capital: NDArray[np.float32]
    letter: NDArray[np.float32]


def main() -> None:
    """Read the letters and write the bits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("letters", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with np.load(options.letters, allow_pickle=False) as stored:
        images, letters, case = stored["images"], stored["labels"].astype(np.int64), stored["case"]
    mixed = case == MIXED
    capitals = find_capitals(images, letters, np.where(mixed, -1, case.astype(np.int64)))[mixed]
    print(np.bincount(letters[mixed][capitals], minlength=LETTERS).tolist())
    with atomic_file(options.output) as file:
        file.write(np.packbits(capitals).tobytes())


def find_capitals(
    images: NDArray[np.uint8], letters: NDArray[np.int64], case: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which images (N, 28, 28) of `letters` (N,) are capitals; `case` is 0, 1, or -1 if unknown."""
    unknown = case < 0
    labels = letters + LETTERS * np.maximum(case, 0)
    first = _read_cases(images, letters, np.flatnonzero(~unknown), labels, EPOCHS[0], 0)
    sure = unknown & (first.letter > FITS) & (np.abs(first.capital - 0.5) > SURE - 0.5)
    labels = np.where(sure, letters + LETTERS * (first.capital < 0.5), labels)
    cases = _read_cases(images, letters, np.flatnonzero(sure | ~unknown), labels, EPOCHS[1], 1)
    capital = (cases.capital > SURE) | (letters == C)
    capitals: NDArray[np.bool_] = np.where(unknown, capital & (cases.letter > FITS_WELL), case == 0)
    return capitals


def _read_cases(
    images: NDArray[np.uint8],
    letters: NDArray[np.int64],
    places: NDArray[np.int64],
    labels: NDArray[np.int64],
    epochs: int,
    seed: int,
) -> Cases:
    """Train on the images at `places` and read all."""
    even = _even(places, labels[places], seed)
    split = Split(images[even], labels[even])
    dataset = Dataset("cases", tuple(map(str, range(2 * LETTERS))), split, split, "")
    network = train(dataset, epochs, seed, lambda line: print(line, file=sys.stderr, flush=True))
    with torch.inference_mode():
        shares = [
            network(to_tensor(images[i : i + 500]))[0].softmax(1).numpy() for i in range(0, len(images), 500)
        ]
    read, rows = np.concatenate(shares), np.arange(len(images))
    upper, lower = read[rows, letters], read[rows, letters + LETTERS]
    return Cases(upper / np.maximum(upper + lower, 1e-12), upper + lower)


def _even(places: NDArray[np.int64], labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return `EACH` places of each class in random order, with repetition if there are fewer."""
    random = np.random.default_rng(seed)
    chosen = [
        random.choice(places[labels == k], EACH, replace=(labels == k).sum() < EACH)
        for k in np.unique(labels)
    ]
    return random.permutation(np.concatenate(chosen))


if __name__ == "__main__":
    main()

"""Digits and capitals in one dataset: MNIST, and A to Z from four collections of real handwriting.

`with_digits` decides which images are held out and how often training sees each.
"""

import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

from .cache import data_directory
from .dataset import Dataset, Split, balanced_weights
from .download import verified
from .errors import DataError
from .mnist import LICENCE, load_mnist

FILE = "letters.npz"
SHA256 = "17c66a0c71280500c5160601c032842823be4751d675fd55dd086676c1a9b87d"
SOURCES = {
    "MNIST": "CC BY-SA 3.0",
    "EMNIST letters (capitals among its first 10,000 test images)": "from NIST SD19, of the US government",
    "A-Z samples derived from NIST SD19": "NIST SD19, of the US government; the collection itself states none",
    "SSE-letters": "MIT",
    "Chars74K, tablet strokes": "re-use with citation of de Campos, Babu and Varma 2009",
}
CLASSES = (*"0123456789", *ascii_uppercase)

EMNIST, NIST, SSE, CHARS74K = 0, 1, 3, 5  # codes of the sources in the file
UPPER, MIXED = 0, 2  # codes of the case
# EMNIST's letters were written by the people of NIST SD19 as well, so they are one collection.
_COLLECTION = {EMNIST: NIST, NIST: NIST, SSE: SSE, CHARS74K: CHARS74K}
_NAMES = {NIST: "NIST SD19", SSE: "SSE-letters", CHARS74K: "Chars74K"}
_HELD_OUT = 6  # one writer or image in six
_MOST_HELD_OUT = 25  # images of a class of `NIST`, as most of its classes have few
_TEST_DIGITS = 100  # of each class
_DIGIT_SHARE = 4.0  # training sees a class of digits as often as four of capitals


@dataclass(frozen=True, eq=False)
class Capitals:
    """Images of capitals: uint8 (N, 28, 28), labels int64 (N,) in A to Z, source and writer (-1 = unknown)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    source: NDArray[np.int64]
    writer: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "Capitals":
        """Return the images where `chosen`, bool (N,), is true."""
        return Capitals(self.images[chosen], self.labels[chosen], self.source[chosen], self.writer[chosen])


def find_letters() -> Path | None:
    """Return `letters.npz` in the data directory, or None."""
    path = data_directory("letters") / FILE
    return path if path.is_file() else None


def load_letters() -> Dataset:
    """Return the dataset `letters`, which is not downloaded. Raises `DataError`."""
    path = find_letters()
    if path is None:
        raise DataError(
            f"{FILE} is not in {data_directory('letters')}, and there is no mirror; "
            "pass --data emnist-balanced for a dataset that is downloaded"
        )
    return read_letters(path)


def read_letters(path: Path) -> Dataset:
    """Return the dataset `letters` from this file and MNIST. Raises `DataError`."""
    return with_digits(read_capitals(path), load_mnist(), {FILE: SHA256})


def read_capitals(path: Path) -> Capitals:
    """Return all capitals in the file. Raises `DataError`."""
    with decoding(DataError, path):
        data = verified(path.read_bytes(), SHA256, str(path))
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            stored = {name: arrays[name] for name in ("images", "labels", "case", "source", "group")}
    capital = stored["case"] == UPPER
    # Which of EMNIST's 10,000 letters are capitals, as `research/label_letter_case.py` found.
    packed = (files("scorp_train.data") / "emnist_capitals.bin").read_bytes()
    capital[stored["case"] == MIXED] = np.unpackbits(np.frombuffer(packed, np.uint8)).astype(np.bool_)
    integers = (stored[name].astype(np.int64) for name in ("labels", "source", "group"))
    return Capitals(stored["images"], *integers).take(capital)


def with_digits(capitals: Capitals, digits: Dataset, sha256: dict[str, str]) -> Dataset:
    """Return capitals and digits as one dataset of 36 classes, weighted by class and collection.

    Args:
        capitals: images of A to Z.
        digits: MNIST.
        sha256: checksums of the files that the capitals were read from.
    """
    apart = held_out(capitals)
    known, new = capitals.take(~apart), capitals.take(apart)
    first = len(digits.classes)
    few = _few_of_each(digits.test.labels)
    collections = np.vectorize(_COLLECTION.__getitem__)(known.source)
    weights = np.concatenate(
        [
            _DIGIT_SHARE / np.bincount(digits.train.labels)[digits.train.labels],
            balanced_weights(known.labels, collections),
        ]
    )
    return Dataset(
        name="letters",
        classes=CLASSES,
        train=Split(
            np.concatenate([digits.train.images, known.images]),
            np.concatenate([digits.train.labels, known.labels + first]),
            weights * (len(weights) / weights.sum()),
        ),
        test=Split(
            np.concatenate([digits.test.images[few], new.images]),
            np.concatenate([digits.test.labels[few], new.labels + first]),
            origins=np.array(["MNIST"] * len(few) + [_NAMES[source] for source in new.source.tolist()]),
        ),
        licence=LICENCE,
        sha256=digits.sha256 | sha256,
        sources=SOURCES,
    )


def held_out(capitals: Capitals) -> NDArray[np.bool_]:
    """Choose test images, bool (N,): every sixth writer where known, and the last sixth of each class of `NIST`."""
    chosen = np.zeros(len(capitals.labels), np.bool_)
    for source in (SSE, CHARS74K):
        writers = np.unique(capitals.writer[capitals.source == source])[_HELD_OUT - 1 :: _HELD_OUT]
        chosen |= (capitals.source == source) & np.isin(capitals.writer, writers)
    for label in range(len(ascii_uppercase)):
        places = np.flatnonzero((capitals.source == NIST) & (capitals.labels == label))
        chosen[places[len(places) - min(len(places) // _HELD_OUT, _MOST_HELD_OUT) :]] = True
    return chosen


def _few_of_each(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return indices of `_TEST_DIGITS` of each class, from all over the split: its first half is easier."""
    places = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return np.concatenate([p[np.linspace(0, len(p) - 1, _TEST_DIGITS).astype(np.int64)] for p in places])

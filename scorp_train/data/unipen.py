"""UNIPEN train_r01_v07: isolated digits, letters and symbols by 172 writers, drawn from pen strokes in MNIST's form.

The attributes of an image say what MNIST's form loses: `extent` is the longer side of the ink, `rise` is how high its
lower edge is above the baseline. Both are relative to the height of a capital of the same writer.
"""

import zlib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

from .cache import data_directory
from .dataset import SIDE, Dataset, Split, balanced_weights
from .download import verified
from .errors import DataError
from .mnist_form import BOX
from .pen_characters import UNIT, PenCharacters
from .strokes import draw_strokes, smooth_strokes
from .text_line import capital_heights, place_on_line
from .unipen_files import FOLDER, find_distribution, read_distribution

FILE = "unipen.npz"
SHA256 = "2c69e12ee76cfe43a228126ac1173d84bef23d4eb77e0963b23501548dbb4230"
LICENCE = "CC BY 4.0; cite Guyon et al. 1994, doi 10.1109/ICPR.1994.576870"
SOURCES = {"UNIPEN train_r01_v07": "CC BY 4.0, International Unipen Foundation, doi 10.5281/zenodo.1195803"}

# The pen's width in px, on a capital of 20 px: log-normal over writers, as strokes of MNIST's digits are.
_PEN, _PEN_SPREAD, _PENS = 2.2, 0.22, (1.5, 3.4)
_STEP = 0.8  # of the tablet's grid: how far strokes are smoothed
_HELD_OUT = 6  # one writer in six


def load_unipen() -> Dataset:
    """Return the dataset `unipen`, which is not downloaded. Raises `DataError`."""
    directory = data_directory("unipen")
    if not has_unipen(directory):
        raise DataError(
            f"neither {FILE} nor {FOLDER} is in {directory}; download UNIPEN train_r01_v07 from "
            "https://doi.org/10.5281/zenodo.1195803 and unpack it there"
        )
    return read_unipen(directory)


def has_unipen(directory: Path) -> bool:
    """Return whether the directory holds the packed file or the published files."""
    return (directory / FILE).is_file() or find_distribution(directory) is not None


def read_unipen(directory: Path) -> Dataset:
    """Read the dataset from the packed file in the directory, or from the published files. Raises `DataError`."""
    if (directory / FILE).is_file():
        return to_dataset(accepted(read_packed(directory / FILE)), {FILE: SHA256})
    folder = find_distribution(directory)
    if folder is None:
        raise DataError(f"neither {FILE} nor {FOLDER} is in {directory}")
    return to_dataset(accepted(read_distribution(folder)), {})


def read_packed(path: Path) -> PenCharacters:
    """Read all characters of the packed file. Raises `DataError`."""
    with decoding(DataError, path):
        verified(path.read_bytes(), SHA256, str(path))
        with np.load(path, allow_pickle=False) as arrays:
            return PenCharacters(
                arrays["points"],
                arrays["stroke_start"],
                arrays["char_start"],
                arrays["label"],
                arrays["writer_names"][arrays["writer"]],
                arrays["size"],
            )


def accepted(characters: PenCharacters) -> PenCharacters:
    """Return the characters without those that `research/reject_unipen.py` found wrongly labelled or cut."""
    packed = (files("scorp_train.data") / "unipen_rejected.bin").read_bytes()
    return characters.take(~np.isin(characters.keys(), np.frombuffer(packed, "<u4")))


def to_dataset(characters: PenCharacters, sha256: dict[str, str]) -> Dataset:
    """Draw the characters, with training weights that balance classes and contributors.

    The test split has every sixth writer, in the order of their names.
    """
    classes = tuple(np.unique(characters.labels).tolist())
    split = draw_characters(characters, classes)
    writers = characters.writers
    apart = np.isin(writers, np.unique(writers)[_HELD_OUT - 1 :: _HELD_OUT])
    train, test = split.take(~apart), split.take(apart)
    weights = balanced_weights(train.labels, np.char.partition(writers[~apart], "/")[:, 0])
    train = replace(train, weights=weights / weights.mean())
    return Dataset("unipen", classes, train, test, LICENCE, sha256, SOURCES)


def draw_characters(characters: PenCharacters, classes: tuple[str, ...]) -> Split:
    """Draw each character with a pen in proportion to its writer's capitals, in MNIST's form."""
    widths, heights = characters.sizes.astype(float).T
    longer = np.maximum(np.maximum(widths, heights), 1e-3)
    capitals = capital_heights(heights, characters.labels, characters.writers)
    pens = capitals * _pen_shares(characters.writers)  # in steps of the tablet, as all lengths here
    images = np.empty((len(characters), SIDE, SIDE), np.uint8)
    for index in range(len(characters)):
        strokes = smooth_strokes(characters.strokes(index), _STEP * UNIT / longer[index])
        images[index] = draw_strokes(strokes, BOX * pens[index] / (longer[index] + pens[index]))
    lines = capitals + pens
    return Split(
        images,
        np.searchsorted(np.array(classes), characters.labels).astype(np.int64),
        writers=characters.writers,
        attributes={
            "extent": ((longer + pens) / lines).astype(np.float32),
            "rise": place_on_line(characters.labels, (heights + pens) / lines),
        },
    )


def _pen_shares(writers: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return the width of each writer's pen, relative to the height of a capital without the pen: (N,)."""
    names, writer = np.unique(writers, return_inverse=True)
    normal = [np.random.default_rng(zlib.crc32(name.encode())).normal() for name in names.tolist()]
    pens = np.clip(_PEN * np.exp(_PEN_SPREAD * np.array(normal)), *_PENS)
    return (pens / (BOX - pens))[writer]

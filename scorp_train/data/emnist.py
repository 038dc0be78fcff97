"""EMNIST (Cohen et al. 2017) from NIST's archive: six splits of digits and letters, made upright, labels from 0.

Upstream stores pictures with rows and columns exchanged, and counts the labels of its letters from 1.
"""

import gzip
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from scorp_runtime.files.decoding import decoding

from .cache import cache_directory
from .checkout import beside_checkout
from .class_names import parse_mapping, relabelled
from .dataset import Dataset, Split
from .download import fetch_file
from .errors import DataError
from .idx_folder import checksums, parse_pair

URL = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
ARCHIVE = "emnist.zip"
SIZE = 561_753_746
SHA256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
LICENCE = "NIST SD19, of the US government; cite Cohen et al. 2017"
SPLITS = ("balanced", "byclass", "bymerge", "digits", "letters", "mnist")
_IDX = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "test-images-idx3-ubyte",
    "test-labels-idx1-ubyte",
)
# The largest file, the training pictures of `byclass`, has 547 MB.
_MOST_BYTES = 600 << 20


def find_emnist() -> Path | None:
    """The archive beside the checkout or in the cache, under upstream's name or ours; None if it is not there."""
    folders = (*beside_checkout("emnist"), cache_directory() / "emnist")
    paths = (folder / name for folder in folders for name in (ARCHIVE, "gzip.zip"))
    return next((path for path in paths if path.is_file()), None)


def load_emnist(split: str) -> Dataset:
    """One of the `SPLITS`, from this machine or else from NIST (562 MB, once). Raises `DataError`."""
    path = find_emnist()
    if path is None:
        path = cache_directory() / "emnist" / ARCHIVE
        try:
            fetch_file(URL, SIZE, SHA256, path)
        except DataError as error:
            raise DataError(f"EMNIST is not in {path} and could not be fetched ({error})") from error
    return read_emnist(path, split)


def read_emnist(path: Path, split: str) -> Dataset:
    """One of the `SPLITS` of the archive. Raises `DataError` naming the file and the member that is wrong."""
    stem = f"emnist-{split}"
    parts = {name: f"{stem}-{name}.gz" for name in _IDX}
    with decoding(DataError, path), zipfile.ZipFile(path) as archive:
        mapping = _read(archive, f"{stem}-mapping.txt", zipped=False)
        content = {name: _read(archive, member, zipped=True) for name, member in parts.items()}
    classes = parse_mapping(mapping, f"{path}: {stem}-mapping.txt")
    train, test = (_upright(parse_pair(content, *pair, str(path)), classes) for pair in (_IDX[:2], _IDX[2:]))
    return Dataset(stem, tuple(classes.values()), train, test, LICENCE, checksums(content))


def _read(archive: zipfile.ZipFile, name: str, zipped: bool) -> bytes:
    """A member of the archive, wherever its folder is, unzipped; never more than `_MOST_BYTES` of it."""
    members = [info for info in archive.infolist() if info.filename.rpartition("/")[2] == name]
    if len(members) != 1:
        raise DataError(f"{archive.filename}: {len(members)} files {name} where one is due")
    with decoding(DataError, f"{name} in {archive.filename}"), archive.open(members[0]) as stored:
        data = (gzip.GzipFile(fileobj=stored) if zipped else stored).read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise DataError(f"{archive.filename}: {name} has more than {_MOST_BYTES} bytes")
    return data


def _upright(split: Split, classes: dict[int, str]) -> Split:
    images = np.ascontiguousarray(split.images.transpose(0, 2, 1))
    return Split(images, relabelled(split.labels, classes))


LOADERS = {f"emnist-{split}": partial(load_emnist, split) for split in SPLITS}

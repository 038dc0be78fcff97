"""EMNIST (Cohen et al. 2017) from NIST's archive: six splits of digits and letters.

Upstream stores images transposed and counts the labels of letters from 1; here they are upright and count from 0.
"""

import gzip
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from scorp_runtime.files.decoding import decoding

from .cache import data_directory
from .class_names import parse_mapping, relabelled
from .dataset import Dataset, Split
from .download import fetch_file
from .errors import DataError
from .idx_folder import checksums, parse_pair

URL = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
SIZE = 561_753_746
SHA256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
LICENCE = "NIST SD19, of the US government; cite Cohen et al. 2017"
SPLITS = ("balanced", "byclass", "bymerge", "digits", "letters", "mnist")
_ARCHIVES = ("emnist.zip", "gzip.zip")  # our name and upstream's
_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "test-images-idx3-ubyte",
    "test-labels-idx1-ubyte",
)
_MOST_BYTES = 600 << 20  # the largest file, the training images of `byclass`, has 547 MB


def load_emnist(split: str) -> Dataset:
    """Return one of the `SPLITS`, downloading the archive (562 MB) if it is not here. Raises `DataError`."""
    paths = [data_directory("emnist") / name for name in _ARCHIVES]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        path = paths[0]
        try:
            fetch_file(URL, SIZE, SHA256, path)
        except DataError as error:
            raise DataError(f"EMNIST is not in {path} and could not be downloaded ({error})") from error
    return read_emnist(path, split)


def read_emnist(path: Path, split: str) -> Dataset:
    """Read one of the `SPLITS` from the archive. Raises `DataError` that names the file and the damaged member."""
    stem = f"emnist-{split}"
    with decoding(DataError, path), zipfile.ZipFile(path) as archive:
        mapping = _read(archive, f"{stem}-mapping.txt", zipped=False)
        content = {name: _read(archive, f"{stem}-{name}.gz", zipped=True) for name in _FILES}
    classes = parse_mapping(mapping, f"{path}: {stem}-mapping.txt")
    splits = [parse_pair(content, *pair, str(path)) for pair in (_FILES[:2], _FILES[2:])]
    train, test = (
        Split(np.ascontiguousarray(stored.images.transpose(0, 2, 1)), relabelled(stored.labels, classes))
        for stored in splits
    )
    return Dataset(stem, tuple(classes.values()), train, test, LICENCE, checksums(content))


def _read(archive: zipfile.ZipFile, name: str, zipped: bool) -> bytes:
    """Return an unzipped member, in whichever folder of the archive it is; at most `_MOST_BYTES`."""
    members = [info for info in archive.infolist() if info.filename.rpartition("/")[2] == name]
    if len(members) != 1:
        raise DataError(f"{archive.filename}: expected one file {name}, not {len(members)}")
    with decoding(DataError, f"{name} in {archive.filename}"), archive.open(members[0]) as stored:
        data = (gzip.GzipFile(fileobj=stored) if zipped else stored).read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise DataError(f"{archive.filename}: {name} has more than {_MOST_BYTES} bytes")
    return data


LOADERS = {f"emnist-{split}": partial(load_emnist, split) for split in SPLITS}

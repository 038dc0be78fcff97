"""A data set in a directory: four IDX files under the names of MNIST, gzipped or not."""

import hashlib
from pathlib import Path

import numpy as np

from scorp_train.data.dataset import SIDE, Dataset, Split
from scorp_train.data.errors import DataError
from scorp_train.data.idx import parse_idx, read_unzipped

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def find_file(directory: Path, name: str) -> Path | None:
    """The file of that name, plain or gzipped, also spelt `train-images.idx3-ubyte`; None if it is not there."""
    for stem in (name, name.replace("-idx", ".idx")):
        for suffix in ("", ".gz"):
            if (path := directory / (stem + suffix)).is_file():
                return path
    return None


def has_files(directory: Path) -> bool:
    """Whether the directory holds all four files."""
    return all(find_file(directory, name) for name in FILES)


def read_files(directory: Path) -> dict[str, bytes]:
    """The unzipped content of the four files by name. Raises `DataError` naming the first that is missing."""
    content = {}
    for name in FILES:
        path = find_file(directory, name)
        if path is None:
            raise DataError(
                f"{directory} has no {name} (nor {name}.gz); the four IDX files are needed: {', '.join(FILES)}"
            )
        content[name] = read_unzipped(path)
    return content


def checksums(content: dict[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file's unzipped content."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}


def parse_dataset(content: dict[str, bytes], name: str, licence: str, where: str) -> Dataset:
    """The data set in the unzipped files; classes are named by their number. `where` is for messages."""
    splits = []
    for images_name, labels_name in (FILES[:2], FILES[2:]):
        try:
            images = parse_idx(content[images_name], 3)
            labels = parse_idx(content[labels_name], 1)
        except DataError as error:
            raise DataError(f"{where}: {images_name} or {labels_name}: {error}") from error
        if images.shape[1:] != (SIDE, SIDE):
            raise DataError(
                f"{where}: {images_name} has pictures of {images.shape[1:]}, not ({SIDE}, {SIDE})"
            )
        if len(images) != len(labels):
            raise DataError(
                f"{where}: {len(images)} pictures in {images_name}, {len(labels)} labels in {labels_name}"
            )
        splits.append(Split(images, labels.astype(np.int64)))
    highest = max((int(split.labels.max()) for split in splits if len(split)), default=0)
    return Dataset(
        name=name,
        classes=tuple(str(number) for number in range(highest + 1)),
        train=splits[0],
        test=splits[1],
        licence=licence,
        sha256=checksums(content),
    )

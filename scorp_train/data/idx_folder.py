"""A data set in a directory: IDX files under the names of MNIST, gzipped or not, and the names of their classes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .class_names import parse_mapping, parse_names, relabelled
from .dataset import SIDE, Dataset, Split
from .errors import DataError
from .hold_out import hold_out
from .idx import parse_idx, read_unzipped
from .levels import even_out

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
TRAINING_FILES, TEST_FILES = FILES[:2], FILES[2:]
_NAMED = 5  # of the files that are left out


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


def has_pair(directory: Path) -> bool:
    """Whether the directory holds any of the four files."""
    return any(find_file(directory, name) for name in FILES)


def read_files(directory: Path) -> dict[str, bytes]:
    """The unzipped content of the four files by name, or of the training pair where there is no test pair at all.

    Raises `DataError` naming the first that is missing.
    """
    content = {}
    for name in FILES if any(find_file(directory, name) for name in TEST_FILES) else TRAINING_FILES:
        path = find_file(directory, name)
        if path is None:
            raise DataError(
                f"{directory} has no {name} (nor {name}.gz); the four IDX files are needed: {', '.join(FILES)}"
            )
        content[name] = read_unzipped(path)
    return content


def read_class_names(directory: Path) -> dict[int, str] | None:
    """The class names by label from `classes.txt` or `mapping.txt` in the directory; None without either."""
    for name, parse in (("classes.txt", parse_names), ("mapping.txt", parse_mapping)):
        if (path := directory / name).is_file():
            return parse(read_unzipped(path), str(path))
    return None


def checksums(content: dict[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file's unzipped content."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}


def parse_dataset(
    content: dict[str, bytes],
    name: str,
    licence: str,
    where: str,
    names: dict[int, str] | None = None,
    invert: bool | None = None,
) -> Dataset:
    """The data set in the unzipped files; `where` is for messages.

    `names` are those of the classes by label; without them each is named by its number. With `invert`, ink is dark on
    light paper; None leaves images as they are stored. Where there is no test pair, every sixth image of a class is
    held out.
    """
    splits = {
        pair[0]: parse_pair(content, *pair, where)
        for pair in (TRAINING_FILES, TEST_FILES)
        if pair[0] in content
    }
    notes: tuple[str, ...] = ()
    if invert is not None:
        splits, notes = _with_grey_levels(splits, where, invert)
    train, *tests = splits.values()
    train, test = (train, tests[0]) if tests else hold_out(train)
    if names is None:
        highest = max((int(split.labels.max()) for split in (train, test) if len(split)), default=0)
        names = {number: str(number) for number in range(highest + 1)}
    try:
        train, test = (Split(split.images, relabelled(split.labels, names)) for split in (train, test))
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    return Dataset(name, tuple(names.values()), train, test, licence, checksums(content), notes=notes)


def _with_grey_levels(
    splits: dict[str, Split], where: str, invert: bool
) -> tuple[dict[str, Split], tuple[str, ...]]:
    """The splits by file with 0 = paper and 255 = ink, without blank images, and lines about what was changed."""
    images, notes = even_out({name: split.images for name, split in splits.items()}, invert, where)
    for name, split in splits.items():
        drawn = np.ptp(images[name], axis=(1, 2)) > 0
        if len(split) and not drawn.any():
            raise DataError(f"{where}: all images of {name} are blank")
        if blank := np.flatnonzero(~drawn).tolist():
            notes += (
                f"left out images {_first(blank)} of {name} ({len(blank)} in all, counted from 0): blank",
            )
        splits[name] = Split(images[name][drawn], split.labels[drawn])
    return splits, notes


def files_beside(directory: Path) -> tuple[str, ...]:
    """A line that names what a directory holds beside its IDX files, or no line."""
    read = {path for name in FILES if (path := find_file(directory, name))}
    read |= {directory / name for name in ("classes.txt", "mapping.txt")}
    others = sorted(path.name for path in directory.iterdir() if path not in read)
    return (f"left out {_first(others)} ({len(others)} in all): beside the IDX files",) if others else ()


def _first(names: Sequence[object]) -> str:
    return ", ".join(map(str, names[:_NAMED])) + (", ..." if len(names) > _NAMED else "")


def parse_pair(content: dict[str, bytes], images_name: str, labels_name: str, where: str) -> Split:
    """Pictures and their labels, as they are, from two unzipped IDX files. Raises `DataError`."""
    try:
        images = parse_idx(content[images_name], 3)
        labels = parse_idx(content[labels_name], 1)
    except DataError as error:
        raise DataError(f"{where}: {images_name} or {labels_name}: {error}") from error
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{where}: {images_name} has pictures of {images.shape[1:]}, not ({SIDE}, {SIDE})")
    if len(images) != len(labels):
        raise DataError(
            f"{where}: {len(images)} pictures in {images_name}, {len(labels)} labels in {labels_name}"
        )
    return Split(images, labels.astype(np.int64))

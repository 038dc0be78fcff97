"""A directory of IDX files named as MNIST's, gzipped or not, with optional class names."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .class_names import parse_mapping, parse_names, relabelled
from .dataset import SIDE, Dataset, Split, hold_out
from .errors import DataError
from .grey_levels import check_polarity, to_grey
from .idx import parse_idx, read_unzipped

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_TRAINING, _TEST = FILES[:2], FILES[2:]
_CLASS_NAMES = {"classes.txt": parse_names, "mapping.txt": parse_mapping}
_NAMED = 5  # of the files or images that are skipped


def find_files(directory: Path) -> dict[str, Path]:
    """Return those of the four files that are there, plain or gzipped, also spelt `train-images.idx3-ubyte`."""
    found: dict[str, Path] = {}
    for name in FILES:
        for stem in (name, name.replace("-idx", ".idx")):
            for path in (directory / stem, directory / f"{stem}.gz"):
                if path.is_file():
                    found.setdefault(name, path)
    return found


def read_files(directory: Path) -> dict[str, bytes]:
    """Return the unzipped content of the four files by name, or of the training files if both test files are missing.

    Raises `DataError` that names the first missing file.
    """
    found = find_files(directory)
    needed = FILES if any(name in found for name in _TEST) else _TRAINING
    for name in needed:
        if name not in found:
            raise DataError(f"{directory} has no {name} (or {name}.gz); expected {', '.join(FILES)}")
    return {name: read_unzipped(found[name]) for name in needed}


def read_class_names(directory: Path) -> dict[int, str] | None:
    """Return the class names by label from `classes.txt` or `mapping.txt`; None if neither is there."""
    for name, parse in _CLASS_NAMES.items():
        if (path := directory / name).is_file():
            return parse(read_unzipped(path), str(path))
    return None


def checksums(content: dict[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file's unzipped content."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}


def parse_dataset(
    content: dict[str, bytes],
    name: str,
    licence: str,
    where: str,
    names: dict[int, str] | None = None,
    invert: bool | None = None,
) -> Dataset:
    """Return the dataset in unzipped files. Without test files, every sixth image of a class is held out.

    Args:
        content: unzipped files by name.
        name: name of the dataset.
        licence: terms of the images.
        where: the files, for error messages.
        names: class names by label; by default, the labels themselves.
        invert: whether ink is dark on light paper; None keeps the stored values.

    Raises:
        DataError: if the files are damaged or do not fit each other.
    """
    splits = {pair[0]: parse_pair(content, *pair, where) for pair in (_TRAINING, _TEST) if pair[0] in content}
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
    """Return the splits with 0 = paper and 255 = ink, without blank images, and notes about the changes."""
    full = {name: split.images for name, split in splits.items() if len(split)}
    arrays, notes = to_grey(full, invert, where)
    for name in full:
        check_polarity(arrays[name], invert, f"{where}: {name}")
        drawn = np.ptp(arrays[name], axis=(1, 2)) > 0
        if not drawn.any():
            raise DataError(f"{where}: all images of {name} are blank")
        if blank := np.flatnonzero(~drawn).tolist():
            notes += (
                f"skipped blank images {_first(blank)} of {name} ({len(blank)} in all, counted from 0)",
            )
        splits[name] = Split(arrays[name], splits[name].labels).take(drawn)
    return splits, notes


def other_files(directory: Path) -> tuple[str, ...]:
    """Return a note that names the files beside the IDX files, or nothing."""
    read = {*find_files(directory).values(), *(directory / name for name in _CLASS_NAMES)}
    others = sorted(path.name for path in directory.iterdir() if path not in read)
    return (f"skipped {_first(others)} ({len(others)} in all) beside the IDX files",) if others else ()


def _first(names: Sequence[object]) -> str:
    return ", ".join(map(str, names[:_NAMED])) + (", ..." if len(names) > _NAMED else "")


def parse_pair(content: dict[str, bytes], images_name: str, labels_name: str, where: str) -> Split:
    """Return the images and labels of two unzipped IDX files, as stored. Raises `DataError`."""
    try:
        images = parse_idx(content[images_name], 3)
        labels = parse_idx(content[labels_name], 1)
    except DataError as error:
        raise DataError(f"{where}: {images_name} or {labels_name}: {error}") from error
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{where}: {images_name} has images of {images.shape[1:]}, not ({SIDE}, {SIDE})")
    if len(images) != len(labels):
        raise DataError(
            f"{where}: {len(images)} images in {images_name}, {len(labels)} labels in {labels_name}"
        )
    return Split(images, labels.astype(np.int64))

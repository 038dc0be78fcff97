"""Class names from `classes.txt` (one name per line) or from a mapping file in EMNIST's form."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.model.metadata import is_class_name
from scorp_runtime.sampling.labels import ANY

from .errors import DataError


def checked(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the names in composed Unicode (NFC). Raises `DataError` for one that a model cannot use."""
    names = [unicodedata.normalize("NFC", name) for name in names]
    for number, name in enumerate(names):
        if not is_class_name(name) or name == ANY:
            raise DataError(
                f"{where}: {name!r} cannot name a class; use one printable ASCII character, or a name without "
                'white space and , - . / \\ : * ? " < > |, other than all and any'
            )
        if name in names[:number]:
            raise DataError(f"{where}: two classes are named {name!r}")
    if not names:
        raise DataError(f"{where}: no classes")
    return tuple(names)


def parse_names(data: bytes, where: str) -> dict[int, str]:
    """Return the class names by label, from lines of UTF-8 text; empty lines are skipped."""
    lines = [line.strip() for line in _text(data, where).splitlines()]
    return dict(enumerate(checked([line for line in lines if line], where)))


def parse_mapping(data: bytes, where: str) -> dict[int, str]:
    """Return the class names by label, from lines of a label and the code of the class's first character."""
    numbers = {}
    for line in filter(None, map(str.split, _text(data, where).splitlines())):
        try:
            numbers[bytes([int(line[0])])[0]] = chr(int(line[1]))  # labels are bytes
        except (ValueError, IndexError, OverflowError) as error:
            raise DataError(
                f"{where}: {' '.join(line)[:40]!r} is not a label and a character code"
            ) from error
    labels = sorted(numbers)
    names = checked([numbers[label] for label in labels], where)
    return dict(zip(labels, names, strict=True))


def class_indices(names: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return the index of each name in `classes`, int64 (N,); -1 for a name that is not there."""
    return np.array([classes.index(name) if name in classes else -1 for name in names], np.int64)


def relabelled(labels: NDArray[np.int64], classes: dict[int, str]) -> NDArray[np.int64]:
    """Return labels as indices into the sorted `classes`. Raises `DataError` for a label without a class."""
    known = np.fromiter(classes, np.int64)
    indices = np.searchsorted(known, labels)
    if (unknown := known[np.minimum(indices, len(known) - 1)] != labels).any():
        raise DataError(
            f"label {labels[unknown][0]} has no class name; names are for {known[0]} to {known[-1]}"
        )
    return indices.astype(np.int64)


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text: {error}") from error

"""The names of classes: a `classes.txt` of one name a line, or a mapping file as EMNIST has it."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.model.metadata import is_class_name
from scorp_runtime.sampling.labels import ANY

from .errors import DataError


def checked(names: Sequence[str], where: str) -> tuple[str, ...]:
    """The names in composed Unicode (NFC), if they can name the classes of a model.

    Raises `DataError` for the first that cannot.
    """
    names = [unicodedata.normalize("NFC", name) for name in names]
    for number, name in enumerate(names):
        if not is_class_name(name) or name == ANY:
            raise DataError(
                f"{where}: {name!r} cannot name a class: no white space, none of "
                ', - . / \\ : * ? " < > |, and not all or any'
            )
        if name in names[:number]:
            raise DataError(f"{where}: two classes are named {name!r}")
    if not names:
        raise DataError(f"{where}: no classes")
    return tuple(names)


def parse_names(data: bytes, where: str) -> dict[int, str]:
    """The class names by label from 0, one a line in UTF-8; empty lines are left out."""
    lines = [line.strip() for line in _text(data, where).splitlines()]
    return dict(enumerate(checked([line for line in lines if line], where)))


def parse_mapping(data: bytes, where: str) -> dict[int, str]:
    """The class names by label as the file counts them: lines of a label and the code of its first character."""
    numbers = {}
    for line in filter(None, map(str.split, _text(data, where).splitlines())):
        try:
            numbers[bytes([int(line[0])])[0]] = chr(int(line[1]))  # labels are bytes
        except (ValueError, IndexError, OverflowError) as error:
            raise DataError(
                f"{where}: {' '.join(line)[:40]!r} is no label and code of a character"
            ) from error
    labels = sorted(numbers)
    names = checked([numbers[label] for label in labels], where)
    return dict(zip(labels, names, strict=True))


def relabelled(labels: NDArray[np.int64], classes: dict[int, str]) -> NDArray[np.int64]:
    """Labels as places in the list of classes instead of as their file counts. Raises `DataError` for a stray one."""
    known = np.fromiter(classes, np.int64)
    places = np.searchsorted(known, labels)
    if (stray := known[np.minimum(places, len(known) - 1)] != labels).any():
        raise DataError(f"label {labels[stray][0]} names no class; there are {known[0]} to {known[-1]}")
    return places.astype(np.int64)


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is no text: {error}") from error

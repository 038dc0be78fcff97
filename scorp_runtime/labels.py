"""Labels: which class each sample shows.

Asked for as `7`, `"7"`, `"0-9"`, `"1,3,5-7"`, `"A-Z"` or `"all"` (several classes take turns by index), as a
sequence with one label per picture, or left open (then drawn from the address).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import address
from .errors import LabelError

ALL = "all"
_SHOWN = 80  # characters of a user's text or of a class list that an error message repeats


@dataclass(frozen=True, slots=True)
class Drawn:
    """Labels left open: every sample draws its own from `classes` classes."""

    classes: int

    @property
    def default_count(self) -> int:
        """How many pictures are made when no count is given."""
        return 1

    def at(self, seed: int, index: int, offset: int, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of samples `index ...`: int64 (count,)."""
        return address.labels(seed, index, count, self.classes)


@dataclass(frozen=True, slots=True)
class Turns:
    """Named classes that take turns: sample `i` has number `i mod K` of them."""

    positions: tuple[int, ...]

    @property
    def default_count(self) -> int:
        """How many pictures are made when no count is given: one of each class."""
        return len(self.positions)

    def at(self, seed: int, index: int, offset: int, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of samples `index ...`: int64 (count,)."""
        named = np.array(self.positions, np.int64)
        if len(named) == 1:
            return named.repeat(count)
        first = index % len(named)
        return named[np.arange(first, first + count) % len(named)]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """One label per picture."""

    positions: npt.NDArray[np.int64]

    @property
    def default_count(self) -> int:
        """How many pictures there are, whether or not a count is given."""
        return len(self.positions)

    def at(self, seed: int, index: int, offset: int, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of the pictures `offset ...` of the request: int64 (count,)."""
        return self.positions[offset : offset + count]


Labels = Drawn | Turns | Listed


def read_labels(labels: object, classes: Sequence[str]) -> Labels:
    """Read labels against the class list of a model.

    Args:
        labels: None, a class position, a text, or a sequence of positions and class names.
        classes: the names of the model's classes.

    Raises:
        LabelError: if a label names no class. Truth values and floats are no labels, even `7.0`.
    """
    if labels is None:
        return Drawn(len(classes))
    if isinstance(labels, str):
        return Turns(tuple(_read_text(labels, classes)))
    if isinstance(labels, np.ndarray) and labels.ndim == 1:
        return Listed(_read_array(labels, classes))
    if isinstance(labels, Iterable) and not isinstance(labels, bytes | np.ndarray | Mapping | Set):
        return Listed(np.array([_read_one(label, classes) for label in labels], np.int64))
    return Turns((_read_one(labels, classes),))


def _read_text(text: str, classes: Sequence[str]) -> list[int]:
    if text == ALL:
        return list(range(len(classes)))
    positions: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip(" ").partition("-")
        low, high = (_position(name, text, classes) for name in (first, last if dash else first))
        if low > high:
            raise LabelError(f"the range {part.strip(' ')!r} runs backwards")
        positions += range(low, high + 1)
    return positions


def _read_array(labels: npt.NDArray[np.generic], classes: Sequence[str]) -> npt.NDArray[np.int64]:
    if labels.dtype.kind not in "iu":
        return np.array([_read_one(label, classes) for label in labels.tolist()], np.int64)
    for end in (labels.min(initial=0), labels.max(initial=0)):
        _read_one(end, classes)
    return labels.astype(np.int64)


def _read_one(label: object, classes: Sequence[str]) -> int:
    if isinstance(label, str):
        return _position(label, label, classes)
    position = address.whole(label)
    if position is None:
        raise LabelError(f"a label is a class position or a class name, not {_short(repr(label))}")
    if not 0 <= position < len(classes):
        raise LabelError(f"there is no class number {position}: the model has 0 to {len(classes) - 1}")
    return position


def _position(name: str, text: str, classes: Sequence[str]) -> int:
    try:
        return classes.index(name)
    except ValueError:
        within = "" if name == text else f" in {_short(repr(text))}"
        known = _short(", ".join(classes))
        raise LabelError(f"there is no class {_short(repr(name))}{within}: the model has {known}") from None


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."

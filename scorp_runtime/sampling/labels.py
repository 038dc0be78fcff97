"""Labels: which class each sample shows.

Asked for as `7`, `"7"`, `"0-9"`, `"1,3,5-7"`, `"A-Z"` or `"all"` (several classes take turns by index), as a
sequence with one label per picture, as `Weights` or `Counts`, or left open (then drawn from the address).
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError, LabelError, short_repr, shortened

from . import philox
from .philox import Indices

ALL = "all"
ANY = "any"
"""The one class of a model that cannot be told what to draw."""

_Number = TypeVar("_Number", np.int64, np.uint64)

_LARGEST_COUNTS = 1 << 32  # so that a place times a stride below it fits into 64 bits
_TEXTS = 16  # remembered, for those who ask for the same ones picture by picture


@dataclass(frozen=True, slots=True)
class Weights:
    """Asks for labels drawn from the address, each class in proportion to its weight.

    `weights` maps class names or positions to numbers of 0 or more; classes not named are not drawn.
    """

    weights: Mapping[str | int, float]


@dataclass(frozen=True, slots=True)
class Counts:
    """Asks for exactly so many pictures of each class, mixed evenly: any stretch has about its share of each.

    `counts` maps class names or positions to numbers of pictures, 2^32 at most in all.
    """

    counts: Mapping[str | int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Labels left open: every sample draws its own from `classes` classes."""

    classes: int

    @property
    def default_count(self) -> int:
        """How many pictures are made when no count is given."""
        return 1

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of samples `index ...`: int64 (count,)."""
        return philox.labels(seed, index, count, self.classes)


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Named classes that take turns: sample `i` has number `i mod K` of them."""

    positions: npt.NDArray[np.int64]

    @property
    def default_count(self) -> int:
        """How many pictures are made when no count is given: one of each class."""
        return len(self.positions)

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of samples `index ...`: int64 (count,)."""
        classes = len(self.positions)
        if classes == 1:
            return self.positions.repeat(count)
        if isinstance(index, np.ndarray):
            return philox.entries(self.positions, index % np.uint64(classes), count)
        first = index % classes
        return self.positions[np.arange(first, first + count) % classes]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """One label per picture."""

    positions: npt.NDArray[np.int64]

    @property
    def default_count(self) -> int:
        """How many pictures there are, whether or not a count is given."""
        return len(self.positions)

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of the pictures `offset ...` of the request: int64 (count,)."""
        return philox.entries(self.positions, offset, count)


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Labels drawn by weight: class number `k` of `positions` has the words below `bounds[k]`, if `k - 1` has not."""

    positions: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.uint64]

    @property
    def default_count(self) -> int:
        """How many pictures are made when no count is given."""
        return 1

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of samples `index ...`: int64 (count,)."""
        words = philox.label_words(seed, index, count)
        labels: npt.NDArray[np.int64] = self.positions[np.searchsorted(self.bounds, words, "right")]
        return labels


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Exact numbers of pictures: class number `k` of `positions` has the slots below `ends[k]` that `k - 1` has not.

    Place `p` of `n` has slot `p * stride mod n`. The stride is prime to `n`, so that every slot is taken once, and
    near `n` over the golden ratio, so that neighbours in place lie spread over the slots (Weyl 1916).
    """

    positions: npt.NDArray[np.int64]
    ends: npt.NDArray[np.uint64]
    stride: int

    @property
    def default_count(self) -> int:
        """How many pictures there are, whether or not a count is given."""
        return int(self.ends[-1])

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> npt.NDArray[np.int64]:
        """Return the labels of the pictures `offset ...` of the request: int64 (count,)."""
        places = (
            offset if isinstance(offset, np.ndarray) else np.arange(offset, offset + count, dtype=np.uint64)
        )
        slots = places * np.uint64(self.stride) % self.ends[-1]
        labels: npt.NDArray[np.int64] = self.positions[np.searchsorted(self.ends, slots, "right")]
        return labels


Labels = Drawn | Turns | Listed | Weighted | Counted


def read_labels(labels: object, classes: Sequence[str]) -> Labels:
    """Read labels against the class list of a model.

    Args:
        labels: None, a class position, a text, a sequence of positions and class names, `Weights` or `Counts`.
        classes: the names of the model's classes.

    Raises:
        LabelError: if a label names no class, or a weight is no weight. Truth values and floats are no labels, even
            `7.0`.
        CountError: if a number of pictures in `Counts` is not one.
    """
    if labels is None:
        return Drawn(len(classes))
    if isinstance(labels, Weights):
        return _read_weights(labels.weights, classes)
    if isinstance(labels, Counts):
        return _read_counts(labels.counts, classes)
    if isinstance(labels, str):
        return _read_text(labels, tuple(classes))
    if isinstance(labels, np.ndarray) and labels.ndim == 1:
        return Listed(_read_array(labels, classes))
    if isinstance(labels, Iterable) and not isinstance(labels, bytes | np.ndarray | Mapping | Set):
        return Listed(_fixed([_read_one(label, classes) for label in labels], np.int64))
    return Turns(_fixed([_read_one(labels, classes)], np.int64))


def _read_weights(weights: Mapping[str | int, float], classes: Sequence[str]) -> Weighted:
    positions = _read_keys(weights, classes)
    numbers = [_read_weight(weight) for weight in weights.values()]
    from fractions import Fraction  # slow, and seldom needed

    sums = list(accumulate(map(Fraction, numbers)))
    if not sums or sums[-1] == 0:
        raise LabelError("at least one class must have a weight above 0")
    bounds = [math.ceil(philox.LABEL_WORDS * part / sums[-1]) for part in sums]
    return Weighted(positions, _fixed(bounds, np.uint64))


def _read_weight(weight: object) -> float:
    number = math.nan
    if isinstance(weight, float | int | np.floating | np.integer) and not isinstance(weight, bool):
        with suppress(OverflowError):  # an integer beyond every float
            number = float(weight)
    if not 0 <= number < math.inf:
        raise LabelError(f"a weight must be a finite number of at least 0, not {short_repr(weight)}")
    return number


def _read_counts(counts: Mapping[str | int, int], classes: Sequence[str]) -> Counted:
    positions = _read_keys(counts, classes)
    ends = list(accumulate(philox.read_count(count) for count in counts.values()))
    if not ends or not 0 < ends[-1] <= _LARGEST_COUNTS:
        raise CountError(f"the counts of all classes together must be from 1 to {_LARGEST_COUNTS}")
    return Counted(positions, _fixed(ends, np.uint64), _golden_stride(ends[-1]))


def _read_keys(numbers: Mapping[str | int, object], classes: Sequence[str]) -> npt.NDArray[np.int64]:
    if not isinstance(numbers, Mapping):
        raise LabelError(
            f"give a number for each class, such as {{'0': 3, '1': 1}}, not {short_repr(numbers)}"
        )
    positions = [_read_one(label, classes) for label in numbers]
    if len(set(positions)) < len(positions):
        raise LabelError(f"a class is named twice in {short_repr(dict(numbers))}")
    return _fixed(positions, np.int64)


def _golden_stride(size: int) -> int:
    """Return the number prime to `size` that is next above `size` over the golden ratio."""
    stride = (math.isqrt(5 * size * size) - size) // 2
    while math.gcd(stride, size) != 1:
        stride += 1
    return stride


@lru_cache(_TEXTS)
def _read_text(text: str, classes: tuple[str, ...]) -> Turns:
    if text == ALL:
        return Turns(_fixed(range(len(classes)), np.int64))
    positions: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip(" ").partition("-")
        low, high = (_position(name, text, classes) for name in (first, last if dash else first))
        if low > high:
            raise LabelError(f"the range {part.strip(' ')!r} runs backwards")
        positions += range(low, high + 1)
    return Turns(_fixed(positions, np.int64))


def _read_array(labels: npt.NDArray[np.generic], classes: Sequence[str]) -> npt.NDArray[np.int64]:
    if labels.dtype.kind not in "iu":
        return _fixed([_read_one(label, classes) for label in labels.tolist()], np.int64)
    for end in (labels.min(initial=0), labels.max(initial=0)):
        _read_one(end, classes)
    return _fixed(labels, np.int64)


def _fixed(values: npt.ArrayLike, dtype: type[_Number]) -> npt.NDArray[_Number]:
    """Return a new array that cannot be written to: requests share it."""
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array


def _read_one(label: object, classes: Sequence[str]) -> int:
    if isinstance(label, str):
        return _position(label, label, classes)
    position = philox.to_integer(label)
    if position is None:
        raise LabelError(f"a label is a class position or a class name, not {short_repr(label)}")
    if not 0 <= position < len(classes):
        _refuse_choice(position, classes)
        raise LabelError(
            f"there is no class number {short_repr(position)}: the model has 0 to {len(classes) - 1}"
        )
    return position


def _position(name: str, text: str, classes: Sequence[str]) -> int:
    try:
        return classes.index(name)
    except ValueError:
        _refuse_choice(name, classes)
        within = "" if name == text else f" in {short_repr(text)}"
        known = shortened(", ".join(classes))
        raise LabelError(
            f"there is no class {short_repr(name)}{within}: the model has {known}{_suggestion(name, classes)}"
        ) from None


def _suggestion(name: str, classes: Sequence[str]) -> str:
    """Return the class that was probably meant: in the other case, or spelt much the same."""
    from difflib import get_close_matches

    near = [name.swapcase()] if name.swapcase() in classes else get_close_matches(name[:80], classes, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _refuse_choice(asked: str | int, classes: Sequence[str]) -> None:
    if tuple(classes) == (ANY,):
        raise LabelError(
            f"the model cannot be asked for {short_repr(asked)}: it draws what comes; ask it for {ANY!r} or {ALL!r}"
        )

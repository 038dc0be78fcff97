"""Labels: which class each image shows.

You request classes as `7`, `"7"`, `"0-9"`, `"1,3,5-7"`, `"A-Z"` or `"all"` (several classes take turns by index), as a
sequence with one label per image, as `Weights` or `Counts`, or as None (drawn from seed and index).

The text `","` is the class of that name. In a longer text a comma only separates; use a sequence such as `["+", ","]`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError, LabelError, short_repr, shortened

from . import philox
from .philox import Indices

ALL = "all"
ANY = "any"
"""The only class of an unconditional model."""

Integers = npt.NDArray[np.int64]
_Number = TypeVar("_Number", np.int64, np.uint64)

_LARGEST_COUNTS = 1 << 32  # the product of an offset and a stride fits into 64 bits


@dataclass(frozen=True, slots=True)
class Weights:
    """Draw labels at random, each class in proportion to its weight.

    `weights` maps class names or positions to numbers of at least 0; other classes are not drawn.

    Example:
        >>> batch = Generator().generate(Weights({"3": 1, "5": 3}), 1000, seed=1)
        >>> float((batch.labels == 5).mean())
        0.752
    """

    weights: Mapping[str | int, float]


@dataclass(frozen=True, slots=True)
class Counts:
    """Draw an exact number of images of each class, evenly mixed.

    `counts` maps class names or positions to numbers of images, at most 2^32 in total.

    Example:
        >>> Generator().generate(Counts({"3": 1, "5": 3}), seed=1).labels.tolist()
        [3, 5, 5, 5]
    """

    counts: Mapping[str | int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The classes that a request draws, as int64 positions; subclasses define their order."""

    has_fixed_count: ClassVar[bool] = False
    """Whether the labels determine the number of images."""

    positions: Integers

    @property
    def default_count(self) -> int:
        """Number of images if no count is given."""
        return len(self.positions)

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> Integers:
        """Return the labels of `count` images, int64 (count,); `offset` counts from the start of the request."""
        raise NotImplementedError


class _CyclicLabels(Labels):
    """Classes that take turns: image `i` shows class number `i mod K` of K."""

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> Integers:
        classes = len(self.positions)
        if classes == 1:
            return self.positions.repeat(count)
        if not isinstance(index, np.ndarray):
            index = np.arange(index % classes, index % classes + count, dtype=np.uint64)
        return self.positions.take(index % np.uint64(classes))


class _ListedLabels(Labels):
    """One label per image."""

    has_fixed_count = True

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> Integers:
        return philox.take(self.positions, offset, count)


@dataclass(frozen=True, slots=True, eq=False)
class _WeightedLabels(Labels):
    """Random labels: class number `k` has the 32-bit words from `bounds[k - 1]` up to below `bounds[k]`."""

    bounds: npt.NDArray[np.uint64]

    @property
    def default_count(self) -> int:
        return 1

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> Integers:
        words = philox.label_words(seed, index, count)
        return self.positions.take(np.searchsorted(self.bounds, words, "right"))


@dataclass(frozen=True, slots=True, eq=False)
class _CountedLabels(Labels):
    """Exact numbers of images: class number `k` has the slots from `ends[k - 1]` up to below `ends[k]`.

    Image `p` of `n` has slot `p * stride mod n`. The stride has no common factor with `n`, so each slot is used once.
    It is close to `n` over the golden ratio, which spreads neighbouring images over the slots (Weyl 1916).
    """

    has_fixed_count = True

    ends: npt.NDArray[np.uint64]
    stride: int

    @property
    def default_count(self) -> int:
        return int(self.ends[-1])

    def at(self, seed: int, index: Indices, offset: Indices, count: int) -> Integers:
        if not isinstance(offset, np.ndarray):
            offset = np.arange(offset, offset + count, dtype=np.uint64)
        slots: npt.NDArray[np.uint64] = offset * np.uint64(self.stride) % self.ends[-1]
        return self.positions.take(np.searchsorted(self.ends, slots, "right"))


def read_labels(labels: object, classes: Sequence[str]) -> Labels:
    """Read None, a class position, a text, a sequence of positions and names, `Weights` or `Counts`.

    Raises `LabelError` or `CountError` for anything else. Booleans and floats are not labels.
    """
    if labels is None:
        return _all_at_random(len(classes))
    if isinstance(labels, Weights):
        return _read_weights(labels.weights, classes)
    if isinstance(labels, Counts):
        return _read_counts(labels.counts, classes)
    if isinstance(labels, str):
        return _read_text(labels, tuple(classes))
    if isinstance(labels, np.ndarray) and labels.ndim == 1:
        return _ListedLabels(_read_array(labels, classes))
    if isinstance(labels, Iterable) and not isinstance(labels, bytes | np.ndarray | Mapping | Set):
        return _ListedLabels(_frozen([_read_one(label, classes) for label in labels], np.int64))
    return _CyclicLabels(_frozen([_read_one(labels, classes)], np.int64))


@lru_cache(16)
def _all_at_random(classes: int) -> Labels:
    bounds = [-(-philox.LABEL_WORDS * (position + 1) // classes) for position in range(classes)]
    return _WeightedLabels(_frozen(range(classes), np.int64), _frozen(bounds, np.uint64))


def _read_weights(weights: Mapping[str | int, float], classes: Sequence[str]) -> Labels:
    positions = _read_keys(weights, classes)
    numbers = [_read_weight(weight) for weight in weights.values()]
    from fractions import Fraction  # slow to import

    sums = list(accumulate(map(Fraction, numbers)))
    if not sums or sums[-1] == 0:
        raise LabelError("at least one class must have a weight above 0")
    bounds = [math.ceil(philox.LABEL_WORDS * part / sums[-1]) for part in sums]
    return _WeightedLabels(positions, _frozen(bounds, np.uint64))


def _read_weight(weight: object) -> float:
    number = math.nan
    if isinstance(weight, float | int | np.floating | np.integer) and not isinstance(weight, bool):
        with suppress(OverflowError):  # an integer that is too large for a float
            number = float(weight)
    if not 0 <= number < math.inf:
        raise LabelError(f"a weight must be a finite number of at least 0, not {short_repr(weight)}")
    return number


def _read_counts(counts: Mapping[str | int, int], classes: Sequence[str]) -> Labels:
    positions = _read_keys(counts, classes)
    ends = list(accumulate(philox.read_count(count) for count in counts.values()))
    if not ends or not 0 < ends[-1] <= _LARGEST_COUNTS:
        raise CountError(f"the counts of all classes together must be from 1 to {_LARGEST_COUNTS}")
    return _CountedLabels(positions, _frozen(ends, np.uint64), _golden_stride(ends[-1]))


def _read_keys(numbers: Mapping[str | int, object], classes: Sequence[str]) -> Integers:
    if not isinstance(numbers, Mapping):
        raise LabelError(
            f"give a number for each class, such as {{'0': 3, '1': 1}}, not {short_repr(numbers)}"
        )
    positions = [_read_one(label, classes) for label in numbers]
    if len(set(positions)) < len(positions):
        raise LabelError(f"{short_repr(dict(numbers))} names a class twice")
    return _frozen(positions, np.int64)


def _golden_stride(size: int) -> int:
    """Return the smallest number from `size` over the golden ratio on that has no common factor with `size`."""
    stride = (math.isqrt(5 * size * size) - size) // 2
    while math.gcd(stride, size) != 1:
        stride += 1
    return stride


@lru_cache(16)
def _read_text(text: str, classes: tuple[str, ...]) -> Labels:
    if text == ALL:
        return _CyclicLabels(_frozen(range(len(classes)), np.int64))
    positions: list[int] = []
    for part in [text] if text in classes else text.split(","):
        name = part.strip(" ")
        dash = name.find("-", 1)  # the first character may be the class `-`
        ends = (name[:dash], name[dash + 1 :]) if dash > 0 else (name,)
        low, high = _position(ends[0], text, classes), _position(ends[-1], text, classes)
        if low > high:
            raise LabelError(f"the range {name!r} runs backwards")
        positions += range(low, high + 1)
    return _CyclicLabels(_frozen(positions, np.int64))


def _read_array(labels: npt.NDArray[np.generic], classes: Sequence[str]) -> Integers:
    if labels.dtype.kind not in "iu":
        return _frozen([_read_one(label, classes) for label in labels.tolist()], np.int64)
    for end in (labels.min(initial=0), labels.max(initial=0)):
        _read_one(end, classes)
    return _frozen(labels, np.int64)


def _frozen(values: npt.ArrayLike, dtype: type[_Number]) -> npt.NDArray[_Number]:
    """Return a new read-only array."""
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array


def _read_one(label: object, classes: Sequence[str]) -> int:
    if isinstance(label, str):
        return _position(label, label, classes)
    position = philox.to_integer(label)
    if position is None:
        raise LabelError(f"a label must be a class position or a class name, not {short_repr(label)}")
    if not 0 <= position < len(classes):
        raise _no_class(f"number {short_repr(position)}", f"0 to {len(classes) - 1}", classes)
    return position


def _position(name: str, text: str, classes: Sequence[str]) -> int:
    if name in classes:
        return classes.index(name)
    within = "" if name == text else f" in {short_repr(text)}"
    known = shortened(", ".join(classes))
    raise _no_class(f"{short_repr(name)}{within}", f"{known}{_suggestion(name, classes)}", classes)


def _no_class(what: str, known: str, classes: Sequence[str]) -> LabelError:
    if tuple(classes) == (ANY,):
        return LabelError(f"cannot draw {what}: this model is unconditional; use {ANY!r} or {ALL!r}")
    return LabelError(f"there is no class {what}: the model has {known}")


def _suggestion(name: str, classes: Sequence[str]) -> str:
    """Return a hint at the class that was probably meant: one in the other case, or spelled similarly."""
    from difflib import get_close_matches

    near = [name.swapcase()] if name.swapcase() in classes else get_close_matches(name[:80], classes, 1)
    return f"; did you mean {near[0]!r}?" if near else ""

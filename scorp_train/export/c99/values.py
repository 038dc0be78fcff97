"""Numbers as the C file holds them: integers in units of a power of two, with their bounds."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_train.errors import ExportError

Array = npt.NDArray[Any]

MOST = 2.0**29
"""Bound of all intermediate integers; `rescale` in the C file needs it."""

_TYPES = {
    "uint8_t": (0, 2**8 - 1),
    "int8_t": (-(2**7), 2**7 - 1),
    "uint16_t": (0, 2**16 - 1),
    "int16_t": (-(2**15), 2**15 - 1),
    "int32_t": (-(2**31), 2**31 - 1),
}
_BYTES = {"uint8_t": 1, "int8_t": 1, "uint16_t": 2, "int16_t": 2, "int32_t": 4}


def c_type(low: float, high: float) -> str:
    """Return the smallest C type that holds the integers from `low` to `high`."""
    for name, (least, most) in _TYPES.items():
        if least <= low and high <= most:
            return name
    raise ExportError(f"integers from {low:g} to {high:g} need more than 32 bits")


def shift_of(values: Array) -> int:
    """Return the smallest shift, of any sign, for which values * 2^shift are integers."""
    mantissa, exponent = np.frexp(values[values != 0])
    whole = (mantissa * 2.0**53).astype(np.int64)
    lowest = np.log2((whole & -whole).astype(np.float64)) + exponent - 53
    return int(-lowest.min()) if lowest.size else 0


@dataclass(frozen=True, eq=False)
class Table:
    """A constant array of integers."""

    name: str
    values: Array

    @property
    def type(self) -> str:
        """The C type of the entries."""
        return c_type(self.values.min(), self.values.max())


@dataclass(eq=False)
class Buffer:
    """A stored value of `size` integers: a place of its own in the arena, or a part of another buffer.

    `offset` is in bytes of the arena, or in elements of the parent.
    """

    name: str
    size: int
    low: float
    high: float
    parent: "Buffer | None" = None
    offset: int = 0

    @property
    def root(self) -> "Buffer":
        """The buffer whose memory it shares."""
        return self if self.parent is None else self.parent.root

    @property
    def type(self) -> str:
        """The C type of the elements."""
        return c_type(self.root.low, self.root.high)

    @property
    def bytes(self) -> int:
        """Its size in the arena, in whole words of 32 bits."""
        return -(-self.size * _BYTES[self.type] // 4) * 4

    @property
    def position(self) -> int:
        """Its place in the arena, in bytes."""
        return self.offset if self.parent is None else self.parent.position + self.offset * _BYTES[self.type]


@dataclass(frozen=True)
class Kernel:
    """A loop that computes `sum`, an element of a layer, for the expression around it. `numbers` fill its template."""

    name: str
    numbers: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor as a C expression of the number `i` of an element and its channel `c`.

    It stands for `text * 2^-shift`, with one shift for all channels or one for each. `low` and `high` bound the
    integers; they have the shape of the value or one that broadcasts to it. A pending `clip` is applied after rounding.
    `base` is the pointer if the value is in memory, and `buffer` the buffer if it is in the arena. `reads` are the
    buffers and `setup` the lines before the loop that the text needs.
    """

    shape: tuple[int, ...]
    text: str
    low: Array
    high: Array
    shift: int | Array = 0
    name: str = ""
    base: str | None = None
    buffer: Buffer | None = None
    kernel: Kernel | None = None
    clip: tuple[int, int] | None = None
    reads: tuple[Buffer, ...] = ()
    setup: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def computed(self, text: str, low: Array, high: Array, shift: int | Array) -> "Value":
        """Return a result that is computed from this value; raise `ExportError` if its integers are too large."""
        bound = max(float(np.abs(low).max()), float(np.abs(high).max()))
        if not bound < MOST:
            raise ExportError(f"integers up to {bound:g} are too large for the C file")
        return replace(self, text=text, low=low, high=high, shift=shift, base=None, buffer=None, clip=None)

    def scaled(self, shift: int) -> "Value":
        """Return the same numbers in units of 2^-shift."""
        if shift == self.shift:
            return self
        factor = 2 ** (shift - int(self.shift))
        is_literal = self.text.lstrip("-").isdigit()
        text = str(int(self.text) * factor) if is_literal else f"({self.text} * {factor})"
        return self.computed(text, self.low * factor, self.high * factor, shift)

    def clamped(self, low: int, high: int) -> "Value":
        """Return the value, limited to integers from `low` to `high`."""
        ends = np.clip(self.low, low, high), np.clip(self.high, low, high)
        return self.computed(f"clamp({self.text}, {low}, {high})", *ends, self.shift)

    def reshaped(self, shape: tuple[int, ...]) -> "Value":
        """Return the value in another shape, with its elements in the same order."""
        low, high = (np.broadcast_to(end, self.shape).reshape(shape) for end in (self.low, self.high))
        return replace(self, shape=shape, low=low, high=high)

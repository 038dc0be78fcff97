"""Random numbers by address: what sample `i` of seed `s` is made of.

Nothing here is a stream. Each function maps (seed, index) to numbers, through the counter-based generator
Philox4x64-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), and integer arithmetic.
`docs/model-format.md`, section 3, is the specification.
"""

import secrets
import threading
from enum import IntEnum
from operator import index as as_integer
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import AddressError, CountError, short_repr

SPACE = 1 << 64
"""How many seeds there are, and how many samples each of them has."""

LABEL_WORDS = 1 << 32
"""How many values the number has that decides a label."""

Indices = int | npt.NDArray[np.uint64]
"""Where samples are: the first of a run of neighbours, or an array with the place of each."""

_FRESH_BITS = 53  # a fresh seed survives JSON readers that hold numbers as doubles
_TERMS = 12  # bytes summed into one normal number
_MEAN = 1530  # of such a sum
_UNIT = 1 / 256  # of a normal number; its standard deviation is 256 of them, nearly
_BLOCK_BYTES = 32
_COUNTERS = 1 << 256
_WORD = (1 << 64) - 1


class Purpose(IntEnum):
    """What random words are for. Each purpose has its own key, so none disturbs another."""

    NOISE = 0
    LABEL = 1
    STYLE = 2
    RANGE = 3
    WRITER_NOISE = 4
    WRITER_STYLE = 5
    WRITER_CHOICE = 6
    LAYOUT = 7
    SHIFT = 8
    BREAKS = 9
    GRAIN = 10


def read_seed(seed: object) -> int:
    """Return `seed` as an integer, or a fresh one for None.

    Raises:
        AddressError: if it is not an integer from 0 to 2^64 - 1.
    """
    return secrets.randbits(_FRESH_BITS) if seed is None else _read_address(seed, "seed")


def read_writer(writer: object) -> int | None:
    """Return the number of a writer, or None for pictures that each have a hand of their own.

    Raises:
        AddressError: if it is not an integer from 0 to 2^64 - 1.
    """
    return None if writer is None else _read_address(writer, "writer")


def read_start(start: object, count: int = 1) -> int:
    """Return the first index of a range of `count` samples.

    Raises:
        AddressError: if the range leaves 0 ... 2^64 - 1.
    """
    first = _read_address(start, "start")
    if first + count > SPACE:
        raise AddressError(f"start {first} leaves room for {SPACE - first} samples, not {count}")
    return first


def read_count(count: object) -> int:
    """Return a number of samples.

    Raises:
        CountError: if it is not an integer from 0 to 2^64.
    """
    number = to_integer(count)
    if number is None or not 0 <= number <= SPACE:
        raise CountError(f"count must be a whole number of pictures, not {short_repr(count)}")
    return number


def read_positive(name: str, value: object) -> int:
    """Return a whole number of at least 1.

    Raises:
        CountError: if it is not one.
    """
    number = to_integer(value)
    if number is None or number < 1:
        raise CountError(f"{name} must be a whole number of at least 1, not {short_repr(value)}")
    return number


def normals(seed: int, purpose: Purpose, start: Indices, count: int, size: int) -> npt.NDArray[np.float32]:
    """Draw `size` normal numbers for each of the samples `start ... start + count - 1`, or of those in an array.

    Each is the sum of twelve random bytes, moved to mean 0 and scaled to standard deviation 1: a multiple of
    1/256, exact in float32.

    Returns:
        float32 (count, size).
    """
    blocks = -(-_TERMS * size // _BLOCK_BYTES)
    octets = words(seed, purpose, start, count, blocks).astype("<u8", copy=False).view(np.uint8)
    terms = octets[:, : _TERMS * size].reshape(count, _TERMS, size)
    total: npt.NDArray[np.float32] = np.add.reduce(terms, axis=1, dtype=np.float32, initial=-_MEAN)
    total *= _UNIT
    return total


def normals_of_one(seed: int, purpose: Purpose, index: Indices, size: int) -> list[float]:
    """Draw what `normals` draws for one sample, in plain Python: so few numbers take NumPy five times as long."""
    blocks = -(-_TERMS * size // _BLOCK_BYTES)
    octets = words(seed, purpose, index, 1, blocks).astype("<u8", copy=False).tobytes()
    return [(sum(octets[number : _TERMS * size : size]) - _MEAN) * _UNIT for number in range(size)]


def labels(seed: int, start: Indices, count: int, classes: int) -> npt.NDArray[np.int64]:
    """Draw a class position below `classes` for each sample.

    Returns:
        int64 (count,).
    """
    drawn = label_words(seed, start, count)
    return ((drawn * np.uint64(classes)) >> np.uint64(32)).astype(np.int64)


def label_words(seed: int, start: Indices, count: int) -> npt.NDArray[np.uint64]:
    """Draw the number below `LABEL_WORDS` that decides the label of each sample.

    Returns:
        uint64 (count,).
    """
    return words(seed, Purpose.LABEL, start, count, 1)[:, 0] >> np.uint64(32)


def fractions(seed: int, start: Indices, count: int, size: int) -> npt.NDArray[np.float64]:
    """Draw `size` numbers for each sample, uniform in 0 <= x < 1, multiples of 2^-53.

    Returns:
        float64 (count, size).
    """
    drawn = words(seed, Purpose.RANGE, start, count, -(-size // 4))[:, :size]
    return (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53


def words(seed: int, purpose: Purpose, start: Indices, count: int, blocks: int) -> npt.NDArray[np.uint64]:
    """Return the words of the blocks that the samples own: uint64 (count, 4 * blocks)."""
    if isinstance(start, np.ndarray):
        drawn = np.empty((count, 4 * blocks), np.uint64)
        for row, index in zip(drawn, start.tolist(), strict=True):
            row[:] = _neighbours(seed, purpose, index * blocks, 4 * blocks)
        return drawn
    return _neighbours(seed, purpose, start * blocks, 4 * blocks * count).reshape(count, 4 * blocks)


def _neighbours(seed: int, purpose: Purpose, block: int, number: int) -> npt.NDArray[np.uint64]:
    """Return `number` words from the start of a block on."""
    # numpy steps the counter before it makes a block, so it is set one step back.
    counter = (block - 1) % _COUNTERS
    generator = _threads.philox
    state = _threads.state
    state["state"] = {
        "counter": (counter & _WORD, counter >> 64 & _WORD, counter >> 128 & _WORD, counter >> 192),
        "key": (seed, purpose),
    }
    generator.state = state
    drawn: npt.NDArray[np.uint64] = generator.random_raw(number)
    return drawn


def entries(values: npt.NDArray[Any], offset: Indices, count: int) -> npt.NDArray[Any]:
    """Return the `count` entries of an array from `offset` on, or at the offsets in an array; always a copy."""
    if isinstance(offset, np.ndarray):
        return values[offset]
    return values[offset : offset + count].copy()


class _PerThread(threading.local):
    """A generator of each thread, and all of its state but the address: it is set anew before each use.

    To make a generator costs ten times as much.
    """

    def __init__(self) -> None:
        self.philox = np.random.Philox(0)
        self.state: Any = {
            "bit_generator": "Philox",
            "buffer": [0] * 4,
            "buffer_pos": 4,  # behind the last word: the buffer is empty
            "has_uint32": 0,
            "uinteger": 0,
        }


_threads = _PerThread()


def _read_address(value: object, what: str) -> int:
    number = to_integer(value)
    if number is None or not 0 <= number < SPACE:
        raise AddressError(f"{what} must be a whole number from 0 to 2^64 - 1, not {short_repr(value)}")
    return number


def to_integer(value: object) -> int | None:
    """Return an integer of Python or numpy as int; None for anything else, truth values included."""
    if type(value) is int:  # nearly always; the question below takes microseconds
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, SupportsIndex):
        return None
    try:
        return as_integer(value)
    except TypeError:  # arrays have the method, and refuse when called
        return None

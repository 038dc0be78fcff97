"""Random numbers from a seed and an index.

Each function maps (seed, index) to numbers with the counter-based generator Philox4x64-10 and integer arithmetic
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Nothing depends on earlier calls.
`docs/reference/model-format.md`, section 3, is the specification.
"""

import secrets
import threading
from enum import IntEnum
from operator import index as as_integer
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import AddressError, CountError, RequestError, short_repr

SPACE = 1 << 64
"""Number of seeds, and number of samples of each seed."""

LABEL_WORDS = 1 << 32
"""Number of values of the random word that determines a label."""

Indices = int | npt.NDArray[np.uint64]
"""Index of the first of several consecutive samples, or an array with the index of each."""

_RANDOM_SEED_BITS = 53  # JSON readers that store numbers as doubles keep such a seed
_TERMS = 12  # bytes summed into one normal number
_MEAN = 1530  # of such a sum
_UNIT = 1 / 256  # of a normal number; its standard deviation is 256 of them, nearly
_BLOCK_BYTES = 32
_COUNTERS = 1 << 256
_WORD = (1 << 64) - 1


class Purpose(IntEnum):
    """What random words are used for. Each purpose has its own key, so they are independent."""

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
    TEXT = 11
    FADE = 12
    BLEED = 13
    PAPER = 14
    BASELINE = 15


def read_seed(seed: object) -> int:
    """Return a seed as an integer, a random one for None; raise `AddressError` if it is invalid."""
    return (
        secrets.randbits(_RANDOM_SEED_BITS)
        if seed is None
        else read_whole("seed", seed, 0, SPACE - 1, AddressError)
    )


def read_writer(writer: object) -> int | None:
    """Return the number of a writer as an integer, or None; raise `AddressError` if it is invalid."""
    return None if writer is None else read_whole("writer", writer, 0, SPACE - 1, AddressError)


def read_start(start: object, count: int = 1) -> int:
    """Return the index of the first of `count` samples as an integer; raise `AddressError` if one is invalid."""
    first = read_whole("start", start, 0, SPACE - 1, AddressError)
    if first + count > SPACE:
        raise AddressError(f"start {first} and count {count} go beyond the last index, 2^64 - 1")
    return first


def read_count(count: object) -> int:
    """Return a number of samples as an integer; raise `CountError` if it is not from 0 to 2^64."""
    number = to_integer(count)
    if number is None or not 0 <= number <= SPACE:
        raise CountError(f"count must be a whole number of images, not {short_repr(count)}")
    return number


def read_whole(
    name: str, value: object, low: int, high: int, error: type[RequestError] = RequestError
) -> int:
    """Return an argument as an integer; raise `error` if it is not a whole number from `low` to `high`."""
    number = to_integer(value)
    if number is None or not low <= number <= high:
        is_power = high >= 1 << 32 and (high + 1).bit_count() == 1
        limit = f"2^{high.bit_length()} - 1" if is_power else high
        raise error(f"{name} must be a whole number from {low} to {limit}, not {short_repr(value)}")
    return number


def normals(seed: int, purpose: Purpose, start: Indices, count: int, size: int) -> npt.NDArray[np.float32]:
    """Draw `size` normal numbers for each of `count` samples: float32 (count, size).

    Each is the sum of twelve random bytes, shifted to mean 0 and scaled to standard deviation 1. It is a multiple of
    1/256 and exact in float32.
    """
    blocks = -(-_TERMS * size // _BLOCK_BYTES)
    octets = words(seed, purpose, start, count, blocks).astype("<u8", copy=False).view(np.uint8)
    terms = octets[:, : _TERMS * size].reshape(count, _TERMS, size)
    total: npt.NDArray[np.float32] = np.add.reduce(terms, axis=1, dtype=np.float32, initial=-_MEAN)
    total *= _UNIT
    return total


def label_words(seed: int, start: Indices, count: int) -> npt.NDArray[np.uint64]:
    """Draw the word that determines the label of each sample: uint64 (count,), below `LABEL_WORDS`."""
    return words(seed, Purpose.LABEL, start, count, 1)[:, 0] >> np.uint64(32)


def fractions(seed: int, start: Indices, count: int, size: int) -> npt.NDArray[np.float64]:
    """Draw numbers from 0 to below 1, multiples of 2^-53: float64 (count, size)."""
    drawn = words(seed, Purpose.RANGE, start, count, -(-size // 4))[:, :size]
    return (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53


def words(seed: int, purpose: Purpose, start: Indices, count: int, blocks: int) -> npt.NDArray[np.uint64]:
    """Draw random words, `blocks` Philox blocks per sample: uint64 (count, 4 * blocks)."""
    if isinstance(start, np.ndarray):
        drawn = np.empty((count, 4 * blocks), np.uint64)
        for row, index in zip(drawn, start.tolist(), strict=True):
            row[:] = _consecutive(seed, purpose, index * blocks, 4 * blocks)
        return drawn
    return _consecutive(seed, purpose, start * blocks, 4 * blocks * count).reshape(count, 4 * blocks)


def _consecutive(seed: int, purpose: Purpose, block: int, number: int) -> npt.NDArray[np.uint64]:
    """Return `number` consecutive words from the start of a block on."""
    # NumPy increments the counter before it makes a block.
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


def take(values: npt.NDArray[Any], offset: Indices, count: int) -> npt.NDArray[Any]:
    """Return a copy of `count` entries of an array from an offset on, or of those at an array of offsets."""
    if isinstance(offset, np.ndarray):
        return values[offset]
    return values[offset : offset + count].copy()


class _PerThread(threading.local):
    """A generator per thread, as making one takes ten times as long as setting its counter and key."""

    def __init__(self) -> None:
        self.philox = np.random.Philox(0)
        self.state: Any = {
            "bit_generator": "Philox",
            "buffer": [0] * 4,
            "buffer_pos": 4,  # the buffer is empty
            "has_uint32": 0,
            "uinteger": 0,
        }


_threads = _PerThread()


def to_integer(value: object) -> int | None:
    """Return an integer of Python or NumPy as int; None for anything else, including booleans."""
    if type(value) is int:  # fast path: the check below takes microseconds
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, SupportsIndex):
        return None
    try:
        return as_integer(value)
    except TypeError:  # arrays have the method and raise
        return None

"""The IDX file format of MNIST, read strictly: unsigned bytes only, not a byte missing or left over."""

import gzip
import io
import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

from .errors import DataError

_UNSIGNED_BYTE = 0x08
_GZIP_MAGIC = b"\x1f\x8b"
_MOST_BYTES = 1 << 31  # unzipped: three times the largest file of EMNIST, the largest that is read


def parse_idx(data: bytes, ndim: int) -> NDArray[np.uint8]:
    """Return the array in the bytes of an unzipped IDX file. Raises `DataError` unless it has `ndim` dimensions."""
    header = 4 + 4 * ndim
    if len(data) < header:
        raise DataError(f"not an IDX file: {len(data)} bytes are fewer than the {header} of its header")
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or kind != _UNSIGNED_BYTE or rank != ndim:
        raise DataError(
            f"not an IDX file of {ndim}-dimensional unsigned bytes: it starts with {data[:4].hex()}"
        )
    shape = struct.unpack_from(f">{ndim}I", data, 4)
    size = math.prod(shape)  # of Python integers: a hostile header cannot overflow
    if len(data) - header != size:
        raise DataError(f"damaged IDX file: the header promises {size} bytes, {len(data) - header} are there")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape).copy()  # writable, as torch wants


def format_idx(array: NDArray[np.uint8]) -> bytes:
    """Return the bytes of an IDX file that holds `array`, the inverse of `parse_idx`."""
    header = struct.pack(f">HBB{array.ndim}I", 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + np.ascontiguousarray(array, np.uint8).tobytes()


def read_unzipped(path: Path) -> bytes:
    """Return the content of a file, unzipped if its first bytes are gzip's. Raises `DataError`."""
    with decoding(DataError, path):
        data = path.read_bytes()
        return unzip(data, _MOST_BYTES) if data.startswith(_GZIP_MAGIC) else data


def unzip(data: bytes, limit: int) -> bytes:
    """Return the content of gzipped `data`, at most `limit` bytes. Call it inside `decoding`."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"it unzips to more than {limit} bytes")
    return content

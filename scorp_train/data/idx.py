"""The IDX file format of the MNIST files, strictly: unsigned bytes only, no byte missing, none left over."""

import gzip
import io
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

from .errors import DataError

_UNSIGNED_BYTE = 0x08
_GZIP_MAGIC = b"\x1f\x8b"
_MOST_BYTES = 1 << 31  # unzipped: three times the largest file of EMNIST, which is the largest that is read


def parse_idx(data: bytes, ndim: int) -> NDArray[np.uint8]:
    """The array in the bytes of an unzipped IDX file; `ndim` is the rank it must have. Raises `DataError`."""
    header = 4 + 4 * ndim
    if len(data) < header:
        raise DataError(f"not an IDX file: {len(data)} bytes are fewer than the {header} of its header")
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or kind != _UNSIGNED_BYTE or rank != ndim:
        raise DataError(
            f"not an IDX file of {ndim}-dimensional unsigned bytes: it starts with {data[:4].hex()}"
        )
    shape = struct.unpack_from(f">{ndim}I", data, 4)
    size = 1
    for length in shape:  # Python integers: a hostile header cannot overflow
        size *= length
    if len(data) - header != size:
        raise DataError(f"damaged IDX file: the header promises {size} bytes, {len(data) - header} are there")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape).copy()  # writable, as torch wants


def format_idx(array: NDArray[np.uint8]) -> bytes:
    """The bytes of an IDX file that holds `array`, the inverse of `parse_idx`."""
    header = struct.pack(f">HBB{array.ndim}I", 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + np.ascontiguousarray(array, np.uint8).tobytes()


def read_unzipped(path: Path) -> bytes:
    """The content of a file, unzipped when it is gzipped (told by its first bytes, not its name)."""
    with decoding(DataError, path):
        data = path.read_bytes()
        return unzip(data, _MOST_BYTES) if data.startswith(_GZIP_MAGIC) else data


def unzip(data: bytes, most: int) -> bytes:
    """The content of gzipped `data`, at most so many bytes. Call it inside `decoding`."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it unzips to more than {most} bytes")
    return content

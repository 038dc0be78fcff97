"""What the pages of a Parquet file take once they are unpacked, told from their headers before any is.

A page of some hundred bytes may unpack to 2 GB, and a row of a list to as many numbers; pyarrow sets no limit. The
footer tells where the pages of a column lie, and each begins with a header in the compact protocol of Thrift.

https://parquet.apache.org/docs/file-format/data-pages/ and the specification of the protocol at https://thrift.apache.org
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

MOST_UNPACKED = 1 << 27
"""Bytes of all pages of a row group."""
MOST_DICTIONARY = 1 << 21
"""Bytes of a dictionary: each row of a batch may be its largest value."""
MOST_LISTED = 1 << 23
"""Values in all lists of a row group."""
MOST_REPEATED = 1 << 28
"""Bytes of a list's values, if each were the largest of their dictionary."""

_LARGEST_HEADER = 1 << 14
_MOST_PAGES = 1 << 10  # of a column in a row group
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3  # types of pages
_PLAIN_OR_DICTIONARY = (0, 2, 8)  # encodings
_STRUCT = 12

Header = dict[int, Any]
"""Number of a field -> an integer, or the fields of a struct; other values are left out."""


def check_pages(stream: BinaryIO, metadata: Any, most_rows: int) -> None:
    """Refuse a file that would unpack to more than what is ever written here.

    Args:
        stream: the file.
        metadata: a `pyarrow.parquet.FileMetaData` of it.
        most_rows: of a row group.

    Raises:
        ValueError: saying what is too large, or that a header is none.
    """
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        if not 0 < group.num_rows <= most_rows:
            raise ValueError(f"a row group has {group.num_rows} rows")
        unpacked = listed = 0
        for number in range(group.num_columns):
            size, values, largest = _column(stream, group.column(number))
            unpacked += size
            if metadata.schema.column(number).max_repetition_level:
                listed += values
                if values * largest > MOST_REPEATED:
                    raise ValueError("a list repeats large values")
            elif values > group.num_rows:
                raise ValueError("a column has more values than rows")
        if unpacked > MOST_UNPACKED or listed > MOST_LISTED:
            raise ValueError("a row group unpacks to more than any that is written")


def _column(stream: BinaryIO, column: Any) -> tuple[int, int, int]:
    """Return of the pages of a column: bytes when unpacked, values, and the most bytes that one of a dictionary has."""
    unpacked = values = dictionary = 0
    for header in _headers(stream, column):
        kind, size = header[1], header[2]
        unpacked += size
        if kind == _DICTIONARY:
            dictionary = max(dictionary, size)
            if size > MOST_DICTIONARY or not 0 <= header[7][1] <= size:
                raise ValueError("a dictionary is larger than any that is written")
            continue
        data, encoding = {_DATA: (5, 2), _DATA_V2: (8, 4)}[kind]
        values += header[data][1]
        if size < 0 or header[data][1] < 0 or header[data][encoding] not in _PLAIN_OR_DICTIONARY:
            raise ValueError("a page is not as any that is written")
    return unpacked, values, dictionary if "BYTE_ARRAY" in column.physical_type else min(dictionary, 12)


def _headers(stream: BinaryIO, column: Any) -> Iterator[Header]:
    position = column.data_page_offset
    if column.has_dictionary_page:
        position = min(position, column.dictionary_page_offset)
    end = position + column.total_compressed_size
    for _ in range(_MOST_PAGES):
        if position >= end:
            return
        stream.seek(position)
        reader = _Reader(stream.read(_LARGEST_HEADER))
        header = reader.struct()
        if header[3] < 0:
            raise ValueError("a page is not as any that is written")
        yield header
        position += reader.position + header[3]
    raise ValueError("a column has more pages than any that is written")


class _Reader:
    """Reads the compact protocol. Raises `IndexError` or `KeyError` where the bytes are no page header."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def struct(self, depth: int = 0) -> Header:
        fields: Header = {}
        number = 0
        while byte := self._byte():
            step, kind = byte >> 4, byte & 15
            number = number + step if step else self._integer()
            if kind == _STRUCT and depth < 4:
                fields[number] = self.struct(depth + 1)
            elif kind in (4, 5, 6):
                fields[number] = self._integer()
            else:
                self._skip(kind)
        return fields

    def _skip(self, kind: int) -> None:
        """Pass over a truth (1, 2: within its head), a byte, a double or bytes; page headers have nothing else."""
        length = self._varint() if kind == 8 else {1: 0, 2: 0, 3: 1, 7: 8}[kind]
        self.position += length

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _byte(self) -> int:
        byte = self._data[self.position]
        self.position += 1
        return byte

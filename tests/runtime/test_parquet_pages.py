"""Headers of Parquet pages are read as pyarrow writes them, and one that lies is found before anything is unpacked."""

import io
import struct
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorp_runtime.formats.parquet_pages import MOST_UNPACKED, check_pages

parquet = pytest.importorskip("pyarrow.parquet")
pyarrow = pytest.importorskip("pyarrow")

Fields = dict[int, Any]


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def struct_of(fields: Fields) -> bytes:
    """The compact protocol of Thrift: whole numbers, bytes, and structs of them."""
    found, before = b"", 0
    for number, value in sorted(fields.items()):
        kind = {int: 5, bytes: 8, float: 7, bool: 1, dict: 12}[type(value)]
        found += bytes([(number - before) << 4 | kind])
        if isinstance(value, dict):
            found += struct_of(value)
        elif isinstance(value, bytes):
            found += varint(len(value)) + value
        elif isinstance(value, float):
            found += struct.pack("<d", value)
        elif value is not True:
            found += varint(value * 2 if value >= 0 else -value * 2 - 1)
        before = number
    return found + b"\0"


def page(kind: int = 0, unpacked: int = 100, packed: int = 10, **changes: int) -> bytes:
    what = {
        0: {5: {1: changes.get("values", 20), 2: changes.get("encoding", 8), 5: {1: b"most", 2: b"least"}}},
        2: {7: {1: changes.get("values", 20), 2: 0}},
        3: {8: {1: changes.get("values", 20), 2: 0, 3: 20, 4: changes.get("encoding", 8), 7: True}},
    }
    return struct_of({1: kind, 2: unpacked, 3: packed, 4: -7, **what.get(kind, {})}) + bytes(max(packed, 0))


def check(*pages: bytes, rows: int = 40, lists: int = 0, size: int | None = None) -> None:
    data = b"".join(pages)
    column = SimpleNamespace(
        physical_type="BYTE_ARRAY",
        data_page_offset=0,
        has_dictionary_page=False,
        total_compressed_size=len(data) if size is None else size,
    )
    group = SimpleNamespace(num_rows=rows, num_columns=1, column=lambda number: column)
    schema = SimpleNamespace(column=lambda number: SimpleNamespace(max_repetition_level=lists))
    metadata = SimpleNamespace(num_row_groups=1, row_group=lambda place: group, schema=schema)
    check_pages(io.BytesIO(data), metadata, 4096)


def test_what_is_within_the_limits_passes() -> None:
    check(page(2), page(), page(3))
    check(page(values=4_000_000), lists=1)


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([page(unpacked=MOST_UNPACKED), page()], "unpacks to more than any"),
        ([page(unpacked=-1)], "not as any"),
        ([page(packed=-1)], "not as any"),
        ([page(values=-1)], "not as any"),
        ([page(encoding=7)], "not as any"),
        ([page(3, encoding=7)], "not as any"),
        ([page(0, 0, 0, values=0)] * 1100, "more pages than any"),
        ([page(values=41)], "more values than rows"),
        ([page(3, values=41)], "more values than rows"),
        ([page(2, unpacked=1 << 22)], "a dictionary is larger"),
        ([page(2, values=101)], "a dictionary is larger"),
        ([page(2, values=-1)], "a dictionary is larger"),
    ],
)
def test_a_page_that_would_take_too_much_is_refused(pages: list[bytes], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check(*pages)


@pytest.mark.parametrize(
    "header", [b"", b"\x15", b"\xff" * 100, b"\x1c" * 100, page(1), page(9), b"\x19\x00"]
)
def test_what_is_no_header_of_a_page_is_refused(header: bytes) -> None:
    with pytest.raises(LookupError):
        check(header, size=100)


def test_lists_are_limited_by_their_values_and_what_these_may_be() -> None:
    with pytest.raises(ValueError, match="unpacks to more than any"):
        check(page(values=1 + (1 << 23)), lists=1)
    with pytest.raises(ValueError, match="repeats large values"):
        check(page(2, unpacked=1 << 20), page(values=1000), lists=1)


def test_row_groups_are_limited() -> None:
    with pytest.raises(ValueError, match="has 4097 rows"):
        check(page(), rows=4097)


@given(st.binary(max_size=300))
def test_any_bytes_are_pages_or_refused(data: bytes) -> None:
    with suppress(LookupError, ValueError):
        check(data, size=len(data))


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_pages_are_found_where_pyarrow_puts_them(tmp_path: Path, version: str, compression: str) -> None:
    """Of 30,000 values there are several pages a column."""
    path = tmp_path / "a.parquet"
    columns = {"number": range(30_000), "text": [str(n) for n in range(30_000)]}
    table = pyarrow.table({**columns, "list": [[n] * 3 for n in range(30_000)]})
    parquet.write_table(
        table,
        path,
        data_page_version=version,
        compression=compression,
        data_page_size=10_000,
        row_group_size=9999,
    )
    metadata = parquet.read_metadata(path)
    with path.open("rb") as stream:
        check_pages(stream, metadata, 9999)
        with pytest.raises(ValueError, match="has 9999 rows"):
            check_pages(stream, metadata, 9998)

"""IDX files are read strictly: exactly what is written comes back, anything else is a `DataError`."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from scorp_train.data import DataError
from scorp_train.data.idx import format_idx, parse_idx, read_unzipped

ARRAYS = stn.arrays(np.uint8, stn.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6))


@settings(deadline=None)
@given(ARRAYS)
def test_what_is_written_comes_back(array):
    again = parse_idx(format_idx(array), array.ndim)
    assert again.dtype == np.uint8
    assert np.array_equal(again, array)
    assert again.flags.writeable


@settings(deadline=None)
@given(ARRAYS, st.integers(1, 20))
def test_no_byte_may_be_missing(array, missing):
    data = format_idx(array)
    with pytest.raises(DataError):
        parse_idx(data[: max(len(data) - missing, 0)], array.ndim)


@settings(deadline=None)
@given(ARRAYS, st.binary(min_size=1, max_size=5))
def test_no_byte_may_be_left_over(array, extra):
    with pytest.raises(DataError):
        parse_idx(format_idx(array) + extra, array.ndim)


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
def test_any_bytes_are_an_array_or_a_data_error(data, ndim):
    try:
        array = parse_idx(data, ndim)
    except DataError:
        return
    assert format_idx(array) == data


@pytest.mark.fault("Data of `--data DIR`", "IDX that promises 2^96 bytes", "refused without allocating them")
def test_a_header_of_huge_dimensions_is_refused_without_allocating():
    header = struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    with pytest.raises(DataError, match="promises"):
        parse_idx(header, 3)


def test_gzip_is_told_by_content_not_by_name(tmp_path):
    plain, zipped = tmp_path / "a.gz", tmp_path / "b"
    plain.write_bytes(b"plain")
    zipped.write_bytes(gzip.compress(b"zipped"))
    assert read_unzipped(plain) == b"plain"
    assert read_unzipped(zipped) == b"zipped"


def test_a_truncated_gzip_file_is_a_data_error_that_names_it(tmp_path):
    path = tmp_path / "half.gz"
    path.write_bytes(gzip.compress(bytes(1000))[:-9])
    with pytest.raises(DataError, match=r"half\.gz"):
        read_unzipped(path)

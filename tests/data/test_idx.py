"""IDX files are read strictly: what was written is read back, anything else is a `DataError`."""

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
def test_an_array_is_read_back(array):
    again = parse_idx(format_idx(array), array.ndim)
    assert again.dtype == np.uint8
    assert np.array_equal(again, array)
    assert again.flags.writeable


@settings(deadline=None)
@given(ARRAYS, st.integers(1, 20), st.binary(min_size=1, max_size=5))
def test_missing_and_extra_bytes_are_refused(array, missing, extra):
    data = format_idx(array)
    for wrong in (data[: max(len(data) - missing, 0)], data + extra):
        with pytest.raises(DataError):
            parse_idx(wrong, array.ndim)


def test_a_header_of_huge_dimensions_is_refused_without_allocating():
    header = struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    with pytest.raises(DataError, match="promises"):
        parse_idx(header, 3)


def test_gzip_is_recognised_by_content(tmp_path):
    plain, zipped = tmp_path / "a.gz", tmp_path / "b"
    plain.write_bytes(b"plain")
    zipped.write_bytes(gzip.compress(b"zipped"))
    assert read_unzipped(plain) == b"plain"
    assert read_unzipped(zipped) == b"zipped"


def test_a_truncated_gzip_file_is_named(tmp_path):
    path = tmp_path / "half.gz"
    path.write_bytes(gzip.compress(bytes(1000))[:-9])
    with pytest.raises(DataError, match=r"half\.gz"):
        read_unzipped(path)

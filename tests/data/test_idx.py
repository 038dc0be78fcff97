"""IDX files are read strictly: what was written is read back, anything else is a `DataError`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from scorp_train.data import DataError
from scorp_train.data.idx import format_idx, parse_idx

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

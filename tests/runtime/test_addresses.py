"""An image depends on its seed and index, and on nothing else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import AddressError, Batch, Effects, Generator

REQUESTS: list[dict[str, Any]] = [
    {"labels": "0-9"},
    {"labels": None},
    {"labels": 7, "slant": "-10..10"},
    {"labels": "1,3,5-7", "thickness": 2.0},
    {"labels": "0-9", "writer": 9},
    {"labels": "0-9", "effects": Effects(size=20, noise=2, breaks=1)},
]


def assert_same(parts: list[Batch], whole: Batch) -> None:
    for name in ("images", "labels", "styles"):
        assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("size", [1, 7, 64, 65, 256])
def test_images_do_not_depend_on_the_batch_size(
    generator: Generator, request_: dict[str, Any], size: int
) -> None:
    whole = generator.generate(count=150, seed=4, start=11, **request_)
    batches = list(generator.iter_batches(count=150, seed=4, start=11, batch_size=size, **request_))
    assert [batch.start for batch in batches] == list(range(11, 161, size))
    assert_same(batches, whole)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1),
    start=st.integers(0, 2**64 - 100),
    offset=st.integers(0, 60),
    count=st.integers(1, 39),
)
def test_a_slice_of_a_range_is_a_range(
    generator: Generator, seed: int, start: int, offset: int, count: int
) -> None:
    whole = generator.generate("0-9", 99, seed=seed, start=start)
    part = generator.generate("0-9", count, seed=seed, start=start + offset)
    assert np.array_equal(whole.images[offset : offset + count], part.images)
    assert np.array_equal(whole.styles[offset : offset + count], part.styles)


def test_without_a_seed_a_random_one_is_used_that_fits_a_double(generator: Generator) -> None:
    first, second = (generator.generate(7) for _ in range(2))
    assert first.seed != second.seed
    assert max(first.seed, second.seed) < 2**53
    assert_same([generator.generate(7, seed=first.seed)], first)


def test_the_last_index_can_be_drawn_and_not_exceeded(generator: Generator) -> None:
    assert len(generator.generate(7, 2, seed=2**64 - 1, start=2**64 - 2)) == 2
    with pytest.raises(AddressError, match="room for 2 samples, not 3"):
        generator.generate(7, 3, seed=1, start=2**64 - 2)
    endless = generator.iter_batches(7, seed=1, start=2**64 - 300)
    assert [len(batch) for batch in endless] == [256, 44]


def test_numpy_integers_are_seeds_starts_and_counts(generator: Generator) -> None:
    batch = generator.generate(np.int32(7), np.uint8(3), seed=np.uint64(2**64 - 1), start=np.int64(5))  # type: ignore[arg-type]
    assert (batch.seed, batch.start, len(batch)) == (2**64 - 1, 5, 3)
    assert type(batch.seed) is int


def test_global_random_state_is_neither_read_nor_changed(generator: Generator) -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()  # noqa: NPY002
    first = generator.generate("0-9", 30, seed=9)
    after = np.random.get_state()  # noqa: NPY002
    assert np.array_equal(before[1], after[1])
    np.random.seed(2)  # noqa: NPY002
    assert_same([generator.generate("0-9", 30, seed=9)], first)

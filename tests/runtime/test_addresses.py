"""A picture depends on its seed and index, and on nothing around it."""

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import AddressError, CountError, Generator
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose

ASKED: list[dict[str, Any]] = [
    {"labels": "0-9"},
    {"labels": None},
    {"labels": 7, "slant": "-10..10"},
    {"labels": "1,3,5-7", "thickness": 2.0},
]


@pytest.mark.parametrize("asked", ASKED)
def test_the_first_of_many_are_the_many_of_few(generator: Generator, asked: dict[str, Any]) -> None:
    many = generator.generate(count=200, seed=3, **asked)
    few = generator.generate(count=70, seed=3, **asked)
    assert np.array_equal(many.images[:70], few.images)
    assert np.array_equal(many.labels[:70], few.labels)
    assert np.array_equal(many.styles[:70], few.styles)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("size", [1, 7, 64, 65, 256])
def test_pictures_do_not_depend_on_the_batch_size(
    generator: Generator, asked: dict[str, Any], size: int
) -> None:
    whole = generator.generate(count=150, seed=4, start=11, **asked)
    batches = list(generator.iter_batches(count=150, seed=4, start=11, batch_size=size, **asked))
    assert [batch.start for batch in batches] == list(range(11, 161, size))
    assert np.array_equal(np.concatenate([batch.images for batch in batches]), whole.images)
    assert np.array_equal(np.concatenate([batch.labels for batch in batches]), whole.labels)
    assert np.array_equal(np.concatenate([batch.styles for batch in batches]), whole.styles)


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


def test_noise_keeps_its_golden_checksum() -> None:
    noise = philox.normals(20_261_121, Purpose.NOISE, (1 << 63) + 5, 1000, 37)
    digest = hashlib.sha256(noise.astype("<f4").tobytes()).hexdigest()
    assert digest == "cea8f706fd6a399d599e271653165a824a181763b6ab2d1d1256400427b638b9"


def test_seeds_indices_and_purposes_do_not_share_noise(generator: Generator) -> None:
    draws = [
        philox.normals(seed, purpose, start, 1, 16).tobytes()
        for seed in (0, 1, 2**63)
        for purpose in Purpose
        for start in (0, 1, 2**63)
    ]
    assert len(set(draws)) == len(draws)


def test_seed_zero_is_a_seed(generator: Generator) -> None:
    first, second = (generator.generate("0-9", seed=0) for _ in range(2))
    assert first.seed == 0
    assert np.array_equal(first.images, second.images)


def test_no_seed_is_a_fresh_one_that_is_told_and_fits_a_double(generator: Generator) -> None:
    first, second = (generator.generate(7) for _ in range(2))
    assert first.seed != second.seed
    assert max(first.seed, second.seed) < 2**53
    assert np.array_equal(generator.generate(7, seed=first.seed).images, first.images)


def test_the_last_address_is_reached_and_not_passed(generator: Generator) -> None:
    batch = generator.generate(7, 2, seed=2**64 - 1, start=2**64 - 2)
    assert len(batch) == 2
    with pytest.raises(AddressError, match="leaves room for 2 samples, not 3"):
        generator.generate(7, 3, seed=1, start=2**64 - 2)
    endless = generator.iter_batches(7, seed=1, start=2**64 - 300)
    assert [len(batch) for batch in endless] == [256, 44]


@pytest.mark.parametrize("bad", [-1, 2**64, 1.0, "1", True, np.array([1]), float("nan")])
def test_what_is_no_address_is_refused(generator: Generator, bad: Any) -> None:
    with pytest.raises(AddressError, match="seed must be a whole number from 0 to 2"):
        generator.generate(7, seed=bad)
    with pytest.raises(AddressError, match="start must be a whole number from 0 to 2"):
        generator.generate(7, seed=1, start=bad)


@pytest.mark.parametrize("bad", [-1, 2**64 + 1, 1.0, "1", True])
def test_what_is_no_count_is_refused(generator: Generator, bad: Any) -> None:
    with pytest.raises(CountError, match="count must be a whole number of pictures"):
        generator.generate(7, bad)


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
    assert np.array_equal(generator.generate("0-9", 30, seed=9).images, first.images)

"""A writer is one hand: the same in every seed, unlike others, and no less an address."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scorp_runtime import AddressError, Generator
from scorp_runtime.sampling import writer
from scorp_runtime.sampling.philox import Purpose


def test_the_mix_follows_the_specification_in_whole_numbers() -> None:
    """Section 6 of docs/model-format.md in Python integers."""
    from scorp_runtime.sampling import philox

    for purpose, own, mine, samples in (
        (Purpose.NOISE, Purpose.WRITER_NOISE, 236, 99),
        (Purpose.STYLE, Purpose.WRITER_STYLE, 248, 63),
    ):
        hand = philox.normals(12, own, 0, 1, 7)[0]
        each = philox.normals(5, purpose, 2**40, 3, 7)
        mixed = writer.normals(12, 5, purpose, 2**40, 3, 7)
        for row in range(3):
            for column in range(7):
                total = mine * int(256 * hand[column]) + samples * int(256 * each[row, column])
                assert 256 * mixed[row, column] == (total + 128) // 256


def test_the_hand_keeps_its_golden_checksum() -> None:
    noise = writer.normals(2**64 - 1, 3, Purpose.NOISE, 7, 100, 32)
    digest = hashlib.sha256(noise.astype("<f4").tobytes()).hexdigest()
    assert digest == "200b807decc389d4fbed4e2a91ea6abfa40049c7dace26732cb3bdd916ae1ee2"


def test_a_writer_is_one_hand_in_every_seed(generator: Generator) -> None:
    """The spread of slant over samples and seeds is small beside its spread over writers."""
    slant = np.array(
        [
            [generator.generate(3, 20, seed=seed, writer=number).styles[:, 1] for seed in (1, 2)]
            for number in range(40)
        ]
    ).reshape(40, -1)
    assert slant.var(1).mean() < 0.15 * slant.mean(1).var()
    assert np.unique(slant[0]).size > 2


def test_a_writer_keeps_what_the_caller_asked(generator: Generator) -> None:
    batch = generator.generate("0-9", 30, seed=1, writer=12, thickness=3.0)
    assert (batch.styles[:, 0] == 3.0).all()


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_writers_pictures_are_addresses_too(generator: Generator, size: int) -> None:
    whole = generator.generate("0-9", 70, seed=4, start=11, writer=9)
    parts = list(generator.iter_batches("0-9", 70, seed=4, start=11, writer=9, batch_size=size))
    assert np.array_equal(np.concatenate([part.images for part in parts]), whole.images)


@pytest.mark.parametrize("bad", [-1, 2**64, 1.0, "12", True])
def test_what_is_no_writer_is_refused(generator: Generator, bad: Any) -> None:
    with pytest.raises(AddressError, match="writer must be a whole number from 0 to 2"):
        generator.generate(7, seed=1, writer=bad)


def test_the_command_line_takes_a_writer(
    scorp_gen: Callable[..., Any], tmp_path: Any, generator: Generator
) -> None:
    assert scorp_gen("0-9", "a.npy", "--seed", 3, "--writer", 12).returncode == 0
    assert np.array_equal(np.load(tmp_path / "a.npy"), generator.generate("0-9", seed=3, writer=12).images)

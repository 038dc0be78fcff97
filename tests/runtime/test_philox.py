"""The random words are those of Philox4x64-10."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose

MASK = (1 << 64) - 1


def philox_block(counter: int, key: int) -> list[int]:
    """Return a block by the definition of Salmon et al. 2011, in plain integers."""
    words = [counter >> (64 * place) & MASK for place in range(4)]
    keys = [key & MASK, key >> 64 & MASK]
    for _ in range(10):
        low, high = words[0] * 0xD2E7470EE14C6C93, words[2] * 0xCA5A826395121157
        words = [high >> 64 ^ words[1] ^ keys[0], high & MASK, low >> 64 ^ words[3] ^ keys[1], low & MASK]
        keys = [keys[0] + 0x9E3779B97F4A7C15 & MASK, keys[1] + 0xBB67AE8584CAA73B & MASK]
    return words


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        (0, 0, "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
        (
            (1 << 256) - 1,
            (1 << 128) - 1,
            "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0",
        ),
    ],
)
def test_the_reference_gives_the_known_answers_of_random123(counter: int, key: int, words: str) -> None:
    assert " ".join(f"{word:016x}" for word in philox_block(counter, key)) == words


def expected_normals(seed: int, purpose: int, index: int, size: int) -> list[float]:
    blocks = -(-12 * size // 32)
    words = [
        word
        for b in range(index * blocks, (index + 1) * blocks)
        for word in philox_block(b, seed + (purpose << 64))
    ]
    octets = b"".join(word.to_bytes(8, "little") for word in words)
    return [(sum(octets[term * size + number] for term in range(12)) - 1530) / 256 for number in range(size)]


addresses = st.one_of(st.sampled_from([0, 1, 2**63 - 1, 2**63, 2**64 - 3]), st.integers(0, 2**64 - 3))


@given(seed=addresses, index=addresses, size=st.integers(1, 70))
def test_normals_are_sums_of_bytes_of_the_blocks_of_a_sample(seed: int, index: int, size: int) -> None:
    drawn = philox.normals(seed, Purpose.NOISE, index, 2, size)
    assert drawn.dtype == np.float32
    assert drawn.tolist() == [expected_normals(seed, 0, index + place, size) for place in range(2)]


def test_noise_keeps_its_golden_checksum() -> None:
    noise = philox.normals(20_261_121, Purpose.NOISE, (1 << 63) + 5, 1000, 37)
    digest = hashlib.sha256(noise.astype("<f4").tobytes()).hexdigest()
    assert digest == "cea8f706fd6a399d599e271653165a824a181763b6ab2d1d1256400427b638b9"


def test_normals_are_about_standard_normal() -> None:
    drawn = philox.normals(5, Purpose.NOISE, 0, 20_000, 10).astype(np.float64)
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1) < 0.01
    assert abs((drawn**3).mean()) < 0.03
    assert abs(np.corrcoef(drawn.T) - np.eye(10)).max() < 0.03

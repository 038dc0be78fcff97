"""A writer has the same handwriting in every seed, unlike other writers."""

import hashlib

import numpy as np

from scorp_runtime import Generator
from scorp_runtime.sampling import philox, writer
from scorp_runtime.sampling.philox import Purpose


def test_the_mix_follows_section_6_of_the_model_format() -> None:
    for purpose, own, mine, samples in (
        (Purpose.NOISE, Purpose.WRITER_NOISE, 236, 99),
        (Purpose.STYLE, Purpose.WRITER_STYLE, 248, 63),
    ):
        of_writer = philox.normals(12, own, 0, 1, 7)[0]
        of_samples = philox.normals(5, purpose, 2**40, 3, 7)
        mixed = writer.normals(12, 5, purpose, 2**40, 3, 7)
        for row in range(3):
            for column in range(7):
                total = mine * int(256 * of_writer[column]) + samples * int(256 * of_samples[row, column])
                assert 256 * mixed[row, column] == (total + 128) // 256


def test_the_noise_of_a_writer_keeps_its_golden_checksum() -> None:
    noise = writer.normals(2**64 - 1, 3, Purpose.NOISE, 7, 100, 32)
    digest = hashlib.sha256(noise.astype("<f4").tobytes()).hexdigest()
    assert digest == "200b807decc389d4fbed4e2a91ea6abfa40049c7dace26732cb3bdd916ae1ee2"


def test_slant_varies_less_within_a_writer_than_between_writers(generator: Generator) -> None:
    slant = np.array(
        [
            [generator.generate(3, 20, seed=seed, writer=number).styles[:, 1] for seed in (1, 2)]
            for number in range(40)
        ]
    ).reshape(40, -1)
    assert slant.var(1).mean() < 0.15 * slant.mean(1).var()
    assert np.unique(slant[0]).size > 2


def test_a_style_that_is_set_overrides_the_writer(generator: Generator) -> None:
    batch = generator.generate("0-9", 30, seed=1, writer=12, thickness=3.0)
    assert (batch.styles[:, 0] == 3.0).all()

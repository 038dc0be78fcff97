"""Styles are set by knobs, drawn from the distribution of the model where they are open, and kept by a writer."""

import hashlib
import json
import math
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, Knob, StyleError, Uniform
from scorp_runtime.sampling import writer
from scorp_runtime.sampling.philox import Purpose
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior, StylePrior, cholesky, scores


@pytest.mark.parametrize("value", [3, 3.0, "3", "3.0", np.float32(3), np.array(3.0), [3.0] * 5, "3..3"])
def test_a_single_value_applies_to_all_images(generator: Generator, value: Any) -> None:
    batch = generator.generate("0-9", 5, seed=1, thickness=value)
    assert batch.styles[:, 0].tolist() == [3.0] * 5


def test_one_value_per_image_stays_with_its_image(generator: Generator) -> None:
    slants = np.linspace(-30, 30, 200)
    whole = generator.generate("0-9", 200, seed=1, slant=slants)
    parts = list(generator.iter_batches("0-9", 200, seed=1, slant=slants, batch_size=33))
    assert np.array_equal(np.concatenate([part.styles for part in parts]), whole.styles)
    assert np.abs(whole.styles[:, 1] - slants).max() <= 0.25


def test_values_are_rounded_to_the_nearest_step_and_halves_up(generator: Generator) -> None:
    thicknesses = np.linspace(1, 6, 1001)
    styles = generator.generate("7", 1001, seed=1, thickness=thicknesses).styles[:, 0]
    assert np.array_equal(styles, np.floor(thicknesses / 0.0625 + 0.5) * 0.0625)
    halves = generator.generate("7", 2, seed=1, thickness=[1.03125, 1.09375], slant=[-0.25, 0.25]).styles
    assert halves[:, :2].tolist() == [[1.0625, 0.0], [1.125, 0.5]]


@pytest.mark.parametrize("value", ["-10..20", Uniform(-10, 20)])
def test_a_range_is_drawn_uniformly_and_repeatably(generator: Generator, value: Any) -> None:
    batch = generator.generate("0-9", 4000, seed=1, slant=value)
    slants = batch.styles[:, 1]
    assert slants.min() == -10
    assert slants.max() == 20
    assert abs(slants.mean() - 5) < 0.5
    counts = np.histogram(slants, bins=[-10.25, -2.75, 4.75, 12.25, 20.25])[0]
    assert counts.min() > 850
    assert np.array_equal(
        generator.generate("0-9", 10, seed=1, start=50, slant=value).styles, batch.styles[50:60]
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.99, "thickness 0.99 is outside 1..6 px"),
        (float("nan"), "thickness nan is outside 1..6 px"),
        ("1e999", "thickness inf is outside 1..6 px"),
        ([2.0, 7.0], "thickness 7 is outside 1..6 px"),
        ("2..9", "thickness 9 is outside 1..6 px"),
        (10**400, "thickness inf is outside 1..6 px"),
        (np.complex64(3), "is not a number of px"),
        ("5..2", "the range 5..2 runs backwards"),
        ("thick", "'thick' is neither a number nor a range such as 1..6"),
        ("٣", "is neither a number"),
        (True, "True is not a number of px"),
        ([1.0, 2.0, 3.0], "3 values, but the count is 2"),
        ([[1.0], [2.0, 3.0]], "one number per image"),
        (["2", "3"], "one number per image"),
    ],
)
def test_an_invalid_style_is_refused(generator: Generator, value: Any, message: str) -> None:
    with pytest.raises(StyleError, match=message.replace(".", r"\.")):
        generator.generate(7, 2, seed=1, thickness=value)


def test_an_unknown_knob_is_refused(generator: Generator) -> None:
    with pytest.raises(StyleError, match=r"'weight'.*thickness, slant, width"):
        generator.generate(7, weight=3)


COUNT = 20_000
KNOBS = tuple(Knob(name, "px", -8.0, 8.0, 2**-10) for name in "abc")
CORRELATION = ((1.0, 0.6, -0.3), (0.6, 1.0, 0.2), (-0.3, 0.2, 1.0))
STYLES = StylePrior(KNOBS, [ClassPrior(CORRELATION, (SCORES,) * 3)])  # values are their own scores


def drawn(given: dict[int, float], count: int = COUNT) -> Any:
    values = np.zeros((count, 3))
    for position, value in given.items():
        values[:, position] = value
    return STYLES.complete(values, tuple(given), np.zeros(count, np.int64), 1, 0)


def test_open_styles_have_the_quantiles_of_the_model(generator: Generator, metadata: dict[str, str]) -> None:
    styles = generator.generate("4", 10_000, seed=2).styles
    shares = [0.5 * math.erfc(-score / math.sqrt(2)) for score in SCORES[2:-2]]
    for column, quantiles in enumerate(json.loads(metadata["natural"])["4"]["quantiles"]):
        spread = quantiles[-1] - quantiles[0]
        assert np.abs(np.quantile(styles[:, column], shares) - quantiles[2:-2]).max() < 0.03 * spread


@pytest.mark.parametrize("given", [{}, {0: 1.5}, {1: -2.0}, {0: 1.0, 2: -1.5}, {1: 0.5, 2: 2.0}])
def test_open_styles_have_the_correlation_of_the_model_given_those_that_are_set(
    given: dict[int, float],
) -> None:
    correlation = np.array(CORRELATION)
    fixed, free = list(given), [column for column in range(3) if column not in given]
    weights = correlation[np.ix_(free, fixed)] @ np.linalg.inv(correlation[np.ix_(fixed, fixed)])
    mean = weights @ np.array(list(given.values()))
    covariance = correlation[np.ix_(free, free)] - weights @ correlation[np.ix_(fixed, free)]
    styles = drawn(given)
    assert np.abs(styles[:, free].mean(axis=0) - mean).max() < 0.03
    assert np.abs(np.cov(styles[:, free].T) - covariance).max() < 0.03
    assert np.array_equal(styles[:, fixed], np.tile(list(given.values()), (COUNT, 1)))


@pytest.mark.parametrize(
    ("given", "checksum"),
    [
        ({}, "783d852f27f96b04d00e22cf892c7638786875beef11d8fb23cce1476de36b0a"),
        ({0: 1.0, 2: -1.5}, "81feca618d27f657aa1af58d1d54184d201e2010599a06142da787227b17733d"),
    ],
)
def test_styles_keep_their_golden_checksum(given: dict[int, float], checksum: str) -> None:
    styles = drawn(given, 200).astype("<f4")
    assert hashlib.sha256(styles.tobytes()).hexdigest() == checksum


def test_a_single_sample_has_the_styles_that_it_has_in_a_batch(generator: Generator) -> None:
    many = generator.generate(None, 300, seed=9)
    for index in range(300):
        one = generator.generate([many.labels[index]], seed=9, start=index)
        assert np.array_equal(one.styles, many.styles[index : index + 1])


def test_every_style_is_within_its_range_and_on_its_grid(generator: Generator) -> None:
    styles = generator.generate(None, 3000, seed=4).styles
    for column, knob in enumerate(generator.knobs):
        assert styles[:, column].min() >= knob.low
        assert styles[:, column].max() <= knob.high
        assert (styles[:, column] % knob.step == 0).all()


@pytest.mark.parametrize(
    ("value", "score"), [(6.0, -2.75), (14.0, 2.75), (3.0, -3.0), (15.0, 3.0), (7.0, -2.0), (6.5, -2.25)]
)
def test_a_value_in_a_flat_piece_has_the_score_of_its_middle(value: float, score: float) -> None:
    quantiles = np.array([[6.0, 6.0, 7.0, 8.0, 9.0, 9.5, 10.0, 10.5, 11.0, 12.0, 13.0, 14.0, 14.0]])
    assert scores(np.array([value]), quantiles).tolist() == [score]


def test_a_fully_correlated_knob_follows_the_other_exactly() -> None:
    assert cholesky([[1.0, 1.0], [1.0, 1.0]]) == [[1.0, 0.0], [1.0, 0.0]]
    bound = StylePrior(KNOBS[:2], [ClassPrior(((1.0, 1.0), (1.0, 1.0)), (SCORES,) * 2)])
    values = np.column_stack([np.linspace(-2, 2, 5), np.zeros(5)])
    styles = bound.complete(values, (0,), np.zeros(5, np.int64), 1, 0)
    assert np.array_equal(styles[:, 0], styles[:, 1])


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

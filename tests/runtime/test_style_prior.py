"""Open styles follow the distribution in the model, given the class and the styles that are set."""

import hashlib
import json
import math
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, Knob
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior, StylePrior, cholesky, scores

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

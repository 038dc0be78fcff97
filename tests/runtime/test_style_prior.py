"""Open styles follow the distribution in the model, given the class and the styles that are set."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, Knob
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior, Curves, StylePrior, cholesky, scores

COUNT = 20_000
KNOBS = tuple(Knob(name, "px", -8.0, 8.0, 2**-10) for name in "abc")
CORRELATION = ((1.0, 0.6, -0.3), (0.6, 1.0, 0.2), (-0.3, 0.2, 1.0))
STYLES = StylePrior(KNOBS, [ClassPrior(CORRELATION, (SCORES,) * 3)])  # values are their own scores


def drawn(given: dict[int, float], count: int = COUNT) -> Any:
    values = np.zeros((count, 3))
    for position, value in given.items():
        values[:, position] = value
    return STYLES.complete(values, tuple(given), np.zeros(count, np.int64), 1, 0)


def test_open_styles_have_the_correlation_of_the_model() -> None:
    assert np.abs(np.corrcoef(drawn({}).T) - CORRELATION).max() < 0.02


def test_open_styles_have_the_quantiles_of_the_model(
    generator: Generator, natural_of: Callable[[str], Any]
) -> None:
    styles = generator.generate("4", 10_000, seed=2).styles
    shares = [0.5 * math.erfc(-score / math.sqrt(2)) for score in SCORES[2:-2]]
    for column, quantiles in enumerate(natural_of("4")["quantiles"]):
        spread = quantiles[-1] - quantiles[0]
        assert np.abs(np.quantile(styles[:, column], shares) - quantiles[2:-2]).max() < 0.03 * spread


@pytest.mark.parametrize("given", [{0: 1.5}, {1: -2.0}, {0: 1.0, 2: -1.5}, {1: 0.5, 2: 2.0}])
def test_open_styles_are_conditional_on_those_that_are_set(given: dict[int, float]) -> None:
    correlation = np.array(CORRELATION)
    fixed, free = list(given), [column for column in range(3) if column not in given]
    weights = correlation[np.ix_(free, fixed)] @ np.linalg.inv(correlation[np.ix_(fixed, fixed)])
    mean = weights @ np.array(list(given.values()))
    covariance = correlation[np.ix_(free, free)] - weights @ correlation[np.ix_(fixed, free)]
    styles = drawn(given)
    assert np.abs(styles[:, free].mean(axis=0) - mean).max() < 0.03
    assert np.abs(np.cov(styles[:, free].T) - covariance).max() < 0.03
    assert np.array_equal(styles[:, fixed], np.tile(list(given.values()), (COUNT, 1)))


def expected(given: dict[int, float], index: int) -> list[float]:
    """Return the styles of one sample as section 4 of the model format defines them, in plain Python."""
    order = [*given, *(column for column in range(3) if column not in given)]
    factor = cholesky([[CORRELATION[i][j] for j in order] for i in order])
    gauss = philox.normals(1, philox.Purpose.STYLE, index, 1, 3)[0].tolist()
    parts: list[float] = []
    styles = [0.0] * 3
    for row, knob in enumerate(order):
        known = 0.0
        for k in range(row):
            known += factor[row][k] * parts[k]
        if knob in given:
            parts.append((given[knob] - known) / factor[row][row])
            value = given[knob]
        else:
            parts.append(gauss[knob])
            value = max(-3.0, min(3.0, known + factor[row][row] * gauss[knob]))
        styles[knob] = math.floor(value * 1024 + 0.5) / 1024
    return styles


@pytest.mark.parametrize("given", [{}, {0: 1.5}, {1: -2.0}, {0: 1.0, 2: -1.5}])
def test_styles_are_exactly_those_of_the_specification(given: dict[int, float]) -> None:
    assert drawn(given, 200).tolist() == [expected(given, index) for index in range(200)]


def test_a_single_sample_has_the_styles_that_it_has_in_a_batch(generator: Generator) -> None:
    many = generator.generate(None, 300, seed=9)
    for index in range(300):
        one = generator.generate([many.labels[index]], seed=9, start=index)
        assert np.array_equal(one.styles, many.styles[index : index + 1])


def test_returned_styles_make_the_same_images(generator: Generator) -> None:
    first = generator.generate("0-9", 50, seed=3)
    names = [knob.name for knob in generator.knobs]
    again = generator.generate("0-9", 50, seed=3, **dict(zip(names, first.styles.T, strict=True)))
    assert np.array_equal(first.images, again.images)


def test_every_style_is_within_its_range_and_on_its_grid(generator: Generator) -> None:
    styles = generator.generate(None, 3000, seed=4).styles
    for column, knob in enumerate(generator.knobs):
        assert styles[:, column].min() >= knob.low
        assert styles[:, column].max() <= knob.high
        assert (styles[:, column] % knob.step == 0).all()


def test_scores_invert_values() -> None:
    quantiles = np.tile(np.cumsum(np.arange(1.0, 14.0)), (1000, 1))
    score = np.linspace(-3, 3, 1000)
    values = Curves(quantiles[:1, None]).at(score[:, None], np.zeros(1000, np.int64))[:, 0]
    assert np.allclose(scores(values, quantiles), score, atol=1e-12)


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

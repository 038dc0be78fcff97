"""A figure is as real when it is within the noise of real samples, in the direction that counts."""

import math

import pytest

from scorp_train.evaluation.metric import Better, Figure, Measure, Verdict, compare, scaled, share_error
from scorp_train.evaluation.table import format_number, format_spread


def measure(better=Better.HIGHER, noise=0.0, falls=0.5):
    return Measure("m", "M", better, "", noise=noise, falls=falls)


@pytest.mark.parametrize(
    ("better", "worse", "fine"),
    [
        (Better.HIGHER, [0.4], [0.6, 0.9, 0.5]),
        (Better.LOWER, [0.6], [0.4, 0.5]),
        (Better.LIKE_REAL, [0.4, 0.6], [0.5]),
    ],
)
def test_only_the_wrong_direction_counts(better, worse, fine):
    for value in worse:
        assert Figure(measure(better), value, 0.5, 0.05).verdict is Verdict.SHORT
    for value in fine:
        assert Figure(measure(better), value, 0.5, 0.05).verdict is Verdict.AS_REAL


def test_what_lies_within_the_spread_is_as_real():
    assert Figure(measure(), 0.46, 0.5, 0.05).verdict is Verdict.AS_REAL
    assert Figure(measure(), 0.44, 0.5, 0.05).verdict is Verdict.SHORT


@pytest.mark.parametrize("value", [None, math.nan])
def test_nothing_measured_is_no_verdict(value):
    assert Figure(measure(), value, 0.5, 0.1).verdict is Verdict.NOT_MEASURED


def test_without_baseline_there_is_no_verdict():
    (figure,) = compare([measure()], {"m": 1.0})
    assert figure.verdict is Verdict.NO_BASELINE


def test_the_spread_is_the_largest_of_what_is_known():
    real = [{"m": 1.0}, {"m": 3.0}]
    (figure,) = compare([measure()], {"m": 2.0}, real)
    assert figure.real == 2
    assert figure.spread == pytest.approx(3 * math.sqrt(2))
    (figure,) = compare([measure()], {"m": 2.0}, real, errors={"m": 5.0})
    assert figure.spread == 15
    (figure,) = compare([measure(noise=20.0)], {"m": 2.0}, real)
    assert figure.spread == 20


def test_noise_falls_with_the_number_of_pictures():
    found = [scaled([measure(noise=1.0, falls=power)], 2_500)[0].noise for power in (0, 0.5, 1)]
    assert found == [1, 2, 4]


def test_the_error_of_two_shares_is_binomial_and_never_zero():
    assert share_error(0.5, 100, 0.5, 100) == pytest.approx(math.sqrt(0.005))
    assert share_error(1.0, 100, 0.0, 100) > 0


def test_numbers_are_written_for_people():
    written = [format_number(value) for value in (None, 0.0, 0.12345, 12345.6, 0.00001234, 1.0)]
    assert written == ["-", "0", "0.1235", "12,346", "1.2e-05", "1"]
    assert format_spread(0.012345) == "0.012"

"""A metric is as real if it is within the noise of real samples, or better."""

import math

import pytest

from scorp_train.evaluation.metric import Better, Metric, MetricInfo, Verdict, compare, scaled, share_error
from scorp_train.templating import format_number, format_spread


def info(better=Better.HIGHER, noise=0.0, falls=0.5):
    return MetricInfo("m", "M", better, "", noise=noise, falls=falls)


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
        assert Metric(info(better), value, 0.5, 0.05).verdict is Verdict.SHORT
    for value in fine:
        assert Metric(info(better), value, 0.5, 0.05).verdict is Verdict.AS_REAL


def test_values_within_the_spread_are_as_real():
    assert Metric(info(), 0.46, 0.5, 0.05).verdict is Verdict.AS_REAL
    assert Metric(info(), 0.44, 0.5, 0.05).verdict is Verdict.SHORT


@pytest.mark.parametrize("value", [None, math.nan])
def test_a_missing_value_is_not_measured(value):
    assert Metric(info(), value, 0.5, 0.1).verdict is Verdict.NOT_MEASURED


def test_without_baseline_there_is_no_verdict():
    (metric,) = compare([info()], {"m": 1.0})
    assert metric.verdict is Verdict.NO_BASELINE


def test_the_spread_is_the_largest_known():
    real = [{"m": 1.0}, {"m": 3.0}]
    (metric,) = compare([info()], {"m": 2.0}, real)
    assert metric.real == 2
    assert metric.spread == pytest.approx(3 * math.sqrt(2))
    (metric,) = compare([info()], {"m": 2.0}, real, errors={"m": 5.0})
    assert metric.spread == 15
    (metric,) = compare([info(noise=20.0)], {"m": 2.0}, real)
    assert metric.spread == 20


def test_noise_falls_with_the_number_of_images():
    found = [scaled([info(noise=1.0, falls=power)], 2_500)[0].noise for power in (0, 0.5, 1)]
    assert found == [1, 2, 4]


def test_the_error_of_two_shares_is_binomial_and_never_zero():
    assert share_error(0.5, 100, 0.5, 100) == pytest.approx(math.sqrt(0.005))
    assert share_error(1.0, 100, 0.0, 100) > 0


def test_numbers_are_written_for_people():
    written = [format_number(value) for value in (None, 0.0, 0.12345, 12345.6, 0.00001234, 1.0)]
    assert written == ["-", "0", "0.1235", "12,346", "1.2e-05", "1"]
    assert format_spread(0.012345) == "0.012"

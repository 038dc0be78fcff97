"""Counts of classes and their chi-square test."""

import numpy as np
import pytest
from scipy import stats

from scorp_train.measures.histogram import chi_square, class_counts, entropy


def test_chi_square_is_that_of_scipy():
    counts, shares = np.array([12, 30, 18]), np.array([1.0, 2.0, 1.0])
    expected = stats.chisquare(counts, shares / 4 * 60)
    found = chi_square(counts, shares)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_a_class_that_cannot_occur_is_infinitely_unlikely():
    assert chi_square(np.array([5, 1]), np.array([1.0, 0.0])).p_value == 0
    assert chi_square(np.array([5, 0]), np.array([1.0, 0.0])).p_value == 1


def test_counts_and_entropy():
    counts = class_counts(np.array([0, 1, 1, 3]), 4)
    assert counts.tolist() == [1, 2, 0, 1]
    assert entropy(counts) == pytest.approx(1.5)
    assert entropy(np.full(8, 3)) == pytest.approx(3)

"""The chi-square test of class counts."""

import numpy as np
import pytest

from scorp_train.evaluation.diversity import chi_square_p


def test_chi_square_accepts_shares_that_do_not_sum_to_one():
    assert chi_square_p(np.array([15, 30, 15]), np.array([1.0, 2.0, 1.0])) == pytest.approx(1)
    assert chi_square_p(np.array([60, 0, 0]), np.array([1.0, 2.0, 1.0])) < 1e-6


def test_a_class_that_cannot_occur_is_impossible():
    assert chi_square_p(np.array([5, 1]), np.array([1.0, 0.0])) == 0
    assert chi_square_p(np.array([5, 0]), np.array([1.0, 0.0])) == 1

"""Distances between sets of features follow their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from scorp_train.measures.frechet import frechet_distance, kernel_distance


def cloud(seed, count=400, width=5):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, width)) @ random.normal(size=(width, width))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000))
def test_frechet_follows_its_formula(seed):
    a, b = cloud(seed), cloud(seed + 1) + 1
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(cov_a @ cov_b).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_frechet_of_a_shift():
    a = cloud(0)
    assert frechet_distance(a, a + 2) == pytest.approx(5 * 4, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_of_constant_features():
    constant = np.ones((10, 3), np.float32)
    assert frechet_distance(constant, constant) == 0


def test_kernel_distance_is_zero_on_average_for_equal_distributions():
    random = np.random.default_rng(0)
    found = [kernel_distance(random.normal(size=(80, 4)), random.normal(size=(80, 4))) for _ in range(60)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_kernel_distance_does_not_depend_on_the_unit():
    a, b = cloud(1), cloud(2)
    assert kernel_distance(a, b) == pytest.approx(kernel_distance(10 * a, 10 * b), rel=1e-9)

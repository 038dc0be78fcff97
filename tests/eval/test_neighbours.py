"""Precision, recall, density and coverage follow their papers, for any block size."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from scorp_train.measures import neighbours
from scorp_train.measures.neighbours import manifold_scores, nearest


@pytest.fixture(params=[300, 1 << 23])
def block(request, monkeypatch):
    monkeypatch.setattr(neighbours, "_ENTRIES", request.param)


def clouds(real=60, fake=45):
    random = np.random.default_rng(1)
    return random.normal(size=(real, 6)), random.normal(0.4, 1.1, (fake, 6))


def test_scores_equal_those_of_prdc(block):
    prdc = pytest.importorskip("prdc")
    real, fake = clouds(200, 150)
    scores = manifold_scores(real, fake)
    for name, value in prdc.compute_prdc(real, fake, 5).items():
        assert getattr(scores, name) == pytest.approx(value, abs=1e-12)


def test_repeated_points_have_precision_without_recall():
    real, _ = clouds(200)
    repeated = np.repeat(real[:4], 30, 0) + np.random.default_rng(0).normal(0, 1e-3, (120, 6))
    scores = manifold_scores(real, repeated)
    assert scores.precision == 1
    assert scores.recall < 0.1
    assert scores.coverage < 0.3


def test_nearest(block):
    real, fake = clouds()
    distances, indices = nearest(fake, real)
    between = cdist(fake, real)
    np.testing.assert_array_equal(indices, between.argmin(1))
    np.testing.assert_allclose(distances, between.min(1), rtol=1e-9)


def test_nearest_other_point(block):
    real, _ = clouds()
    _, indices = nearest(real, real, skip_self=True)
    between = cdist(real, real) + np.diag(np.full(len(real), np.inf))
    np.testing.assert_array_equal(indices, between.argmin(1))


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="neighbours"):
        manifold_scores(np.ones((5, 2)), np.ones((50, 2)), k=5)

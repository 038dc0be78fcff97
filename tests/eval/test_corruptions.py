"""Corruptions: severity 0 changes nothing, higher ones more, and each image depends only on its index."""

import numpy as np
import pytest

from scorp_train.measures.corruptions import CORRUPTIONS, SEVERITIES, corrupt

NAMES = sorted(CORRUPTIONS)


@pytest.fixture(scope="module")
def images(drawn):
    return drawn.test.images[:12]


@pytest.mark.parametrize("name", NAMES)
def test_severity_zero_is_the_identity(name, images):
    same = corrupt(images, name, 0)
    np.testing.assert_array_equal(same, images)
    assert same is not images


@pytest.mark.parametrize("name", NAMES)
def test_the_result_depends_only_on_the_index(name, images):
    batch = corrupt(images, name, 3, seed=4)
    np.testing.assert_array_equal(corrupt(images[:8], name, 3, seed=4), batch[:8])


@pytest.mark.parametrize("name", NAMES)
def test_higher_severities_change_more(name, images):
    change = [np.abs(corrupt(images, name, s).astype(float) - images).mean() for s in SEVERITIES]
    assert change[0] > 0
    assert change[-1] > change[0]
    assert change == pytest.approx(sorted(change), rel=0.12)


def test_all_corruptions_of_the_paper_and_white_noise():
    assert len(CORRUPTIONS) == 16
    assert list(CORRUPTIONS)[-1] == "gaussian_noise"


def test_randomness_differs_between_seeds_and_indices(images):
    twice = images[[0, 0]]
    first = corrupt(twice, "shot_noise", 3, seed=1)
    assert (first[0] != first[1]).any()
    assert (corrupt(twice, "shot_noise", 3, seed=2) != first).any()

"""Small classes are filled with slight variants of their images, the same for the same seed."""

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_train.data import Dataset, Split
from scorp_train.data.augmentation import make_variants, with_variants
from scorp_train.judge import load_judge
from scorp_train.measures.style import measure_styles


@pytest.fixture(scope="module")
def digits():
    return Generator().generate("0-9", 300, seed=2)


def test_variants_keep_class_and_style(digits):
    made = make_variants(digits.images, 1)
    judge = load_judge("mnist")
    assert judge.accuracy(made, digits.labels) > judge.accuracy(digits.images, digits.labels) - 0.03
    difference = np.abs(measure_styles(made) - measure_styles(digits.images))
    assert (difference.mean(0) < [0.5, 6, 1.2, 0.8]).all()
    assert (difference.mean(0) > [0.1, 1, 0.2, 0.05]).all()


def test_a_variant_has_the_form_of_mnist(digits):
    made = make_variants(digits.images, 1).astype(float)
    mass = made / made.sum((1, 2), keepdims=True)
    for axis in (1, 2):
        assert np.abs(mass.sum(axis) @ (np.arange(28) + 0.5) - 14).max() < 0.5
    sides = np.stack([(made.max(axis) > 60).sum(1) for axis in (1, 2)]).max(0)
    assert np.abs(sides - 20).max() <= 2


def test_the_same_seed_makes_the_same_variants(digits):
    few = digits.images[:20]
    assert (make_variants(few, 4) == make_variants(few, 4)).all()
    assert (make_variants(few, 4) != make_variants(few, 5)).any((1, 2)).all()


def split_of(counts, weights=None):
    labels = np.repeat(np.arange(len(counts)), counts)
    images = Generator().generate((labels % 10).tolist(), seed=1).images
    return Split(images, labels, weights)


def filled(split, count):
    dataset = Dataset("some", tuple("abc"), split, split, "none")
    return with_variants(dataset, count, 7)


def test_only_small_classes_are_filled():
    split = split_of([5, 40, 12])
    dataset = filled(split, 30)
    assert np.bincount(dataset.train.labels).tolist() == [30, 40, 30]
    assert (dataset.train.images[: len(split)] == split.images).all()
    assert dataset.variants == 25 + 18
    assert dataset.train.weights is None
    assert dataset.test is split


def test_weights_become_numbers_of_variants_and_classes_keep_their_shares():
    weights = np.array([3.0, 1, 1, 1, 1, 1, 1, 1, 4, 4])
    dataset = filled(split_of([4, 4, 2], weights), 60)
    assert np.bincount(dataset.train.labels).tolist() == [60, 60, 60]
    shares = np.bincount(dataset.train.labels, dataset.train.weights)
    assert shares / shares[0] == pytest.approx([1, 4 / 6, 8 / 6])
    # Of 60 images, 3 in 6 are the first or its variants, and 1 in 6 the second or its variants.
    first, second = (
        np.abs(dataset.train.images[:, None].astype(int) - dataset.train.images[:2]).sum((2, 3))
    ).T
    assert (first < second)[dataset.train.labels == 0].sum() >= 30


def test_equal_weights_become_none():
    dataset = filled(split_of([4, 4, 2], np.array([1.0] * 4 + [1.0] * 4 + [2.0] * 2)), 20)
    assert dataset.train.weights is None

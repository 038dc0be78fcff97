"""Equal images have an SSIM of 1, and pairs are the nearest of the class."""

import numpy as np
import pytest

from scorp_train.measures.similarity import intra_class_ssim, mean_squared_error, nearest_of_class, ssim


def test_an_image_equals_itself(drawn):
    images = drawn.test.images[:5]
    np.testing.assert_allclose(ssim(images, images), 1)
    assert ssim(images[:1], images[1:2]) < 0.9
    np.testing.assert_array_equal(mean_squared_error(images, images), 0)
    np.testing.assert_allclose(mean_squared_error(images * 0, images * 0 + 255), 1)


def test_the_nearest_is_of_the_same_class(drawn):
    images, labels = drawn.test.images[:30], drawn.test.labels[:30]
    train, train_labels = drawn.train.images[:200], drawn.train.labels[:200]
    found = nearest_of_class(images, labels, train, train_labels)
    for i in range(30):
        errors = ((images[i] / 255 - train / 255) ** 2).mean((1, 2))
        errors[train_labels != labels[i]] = np.inf
        assert found[i] == np.argmin(errors)


def test_a_class_without_reference_has_no_pair(drawn):
    images, labels = drawn.test.images[:10], drawn.test.labels[:10]
    found = nearest_of_class(images, labels, images[:5], labels[:5])
    assert found.tolist() == [0, 1, 2, 3, 4, -1, -1, -1, -1, -1]


def test_intra_class_ssim_pairs_different_images(drawn):
    images, labels = drawn.test.images[:200], drawn.test.labels[:200]
    repeated = np.stack([images[label] for label in labels])
    assert intra_class_ssim(repeated, labels, 100, seed=0) == pytest.approx(1)
    assert intra_class_ssim(images, labels, 100, seed=0) < 0.9
    assert np.isnan(intra_class_ssim(images[:10], labels[:10], 10, seed=0))

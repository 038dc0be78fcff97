"""The fast measures of style agree with the reference."""

import numpy as np
import pytest

from scorp_train.measures.style import STYLE_NAMES, measure_styles

# Root mean square difference: thickness px, slant degrees, width px, height px.
TOLERANCE = np.array([0.10, 0.05, 0.12, 0.05])


@pytest.fixture
def differences(morpho_mnist):
    """Return a function that compares the measures with the reference."""
    return lambda images: measure_styles(images) - morpho_mnist.measure_all(images)[:, 2:]


def test_calibration_on_real_digits(differences, mnist):
    difference = differences(mnist.test.images[:120])
    assert (np.sqrt((difference**2).mean(0)) <= TOLERANCE).all()
    assert (np.abs(difference.mean(0)) <= TOLERANCE / 3).all()


def test_calibration_on_drawn_digits(differences, drawn):
    difference = differences(drawn.test.images[:40])
    assert (np.sqrt((difference**2).mean(0)) <= 2 * TOLERANCE).all()


def test_thickness_and_slant_follow_the_pen(pen):
    for column, values in ((0, [1.5, 2.5, 3.5, 4.5]), (1, [-0.3, 0.0, 0.3, 0.6])):
        means = []
        for value in values:
            random = np.random.default_rng(3)
            setting = {"thickness": value} if column == 0 else {"slant": value}
            means.append(
                measure_styles(np.stack([pen(k, random, **setting) for k in range(10)]))[:, column].mean()
            )
        assert means == sorted(means)
        assert np.corrcoef(values, means)[0, 1] > 0.99


def test_each_image_is_measured_alone(drawn):
    images = drawn.test.images[:70]
    all_at_once = measure_styles(images)
    assert all_at_once.shape == (70, len(STYLE_NAMES))
    assert all_at_once.dtype == np.float32
    np.testing.assert_allclose(measure_styles(images[::-1])[::-1], all_at_once, rtol=1e-5)
    np.testing.assert_allclose(measure_styles(images[69:]), all_at_once[69:], rtol=1e-5)


def test_blank_images_are_nan(drawn):
    images = drawn.test.images[:3].copy()
    images[1] = 0
    found = measure_styles(images)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[[0, 2]], measure_styles(images[[0, 2]]), rtol=1e-5)

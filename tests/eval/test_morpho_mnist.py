"""The reference measures follow Morpho-MNIST."""

import math

import numpy as np
import pytest


@pytest.fixture(scope="module")
def measure(morpho_mnist):
    return morpho_mnist.measure


def bar(width, height=20, shear=0.0):
    """Draw an upright bar that leans right by `shear` columns per row."""
    image = np.zeros((28, 28), np.uint8)
    for row in range(4, 4 + height):
        start = round(14 - width / 2 + shear * (14 - row))
        image[row, start : start + width] = 255
    return image


def test_the_first_training_digit_measures_as_published(measure, mnist):
    found = measure(mnist.train.images[0])
    assert found.area == pytest.approx(107.3125, rel=0.005)
    assert found.length == pytest.approx(50.2665, rel=0.03)
    assert found.thickness == pytest.approx(2.460658, rel=0.02)
    assert math.radians(found.slant) == pytest.approx(0.2310745, rel=0.01)
    assert found.width == pytest.approx(14.53957, rel=0.01)
    assert found.height == pytest.approx(19.84905, rel=0.01)


def test_thicker_bars_measure_thicker(measure):
    thickness = [measure(bar(width)).thickness for width in (1, 2, 3, 4, 5, 6)]
    assert thickness == sorted(thickness)
    assert thickness[3] == pytest.approx(4, abs=0.5)


def test_slant_is_positive_if_it_leans_right(measure):
    assert measure(bar(3, shear=0.3)).slant == pytest.approx(math.degrees(math.atan(0.3)), abs=1.5)
    assert measure(bar(3, shear=-0.3)).slant == pytest.approx(-math.degrees(math.atan(0.3)), abs=1.5)
    assert measure(bar(3)).slant == pytest.approx(0, abs=0.01)


def test_height_and_width_of_a_bar(measure):
    assert measure(bar(3)).height == pytest.approx(20, abs=1)
    assert measure(bar(5, shear=0.3)).width == pytest.approx(measure(bar(5)).width, abs=0.5)

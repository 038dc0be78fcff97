"""A scan of one character, of any size, polarity and paper, is brought into MNIST's form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as stn

from scorp_runtime import Generator
from scorp_train.data import DataError
from scorp_train.data.mnist_form import BOX, to_mnist_form
from scorp_train.measures.style import measure_styles


def scan(image, times, ink=60, paper=215, noise=4, border=20):
    """Return an image as a scanner would: dark ink on noisy paper, larger, off centre."""
    random = np.random.default_rng(0)
    large = np.kron(image.astype(np.float64) / 255, np.ones((times, times)))
    large = np.pad(large, ((border, 3 * border), (2 * border, border)))
    grey = paper + (ink - paper) * large + random.normal(0, noise, large.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def digits():
    return Generator().generate("0-9", 60, seed=3).images


def test_a_scan_looks_as_drawn(digits):
    again = np.stack([to_mnist_form(scan(digit, 5)) for digit in digits])
    difference = np.abs((measure_styles(again) - measure_styles(digits)).mean(0))
    assert (difference < [0.15, 0.5, 0.4, 0.4]).all(), difference
    # Both are moved by whole pixels, so they may differ by half a pixel.
    assert ((again.astype(float) - digits) ** 2).mean() / 255**2 < 0.06


def test_the_longer_side_is_20_pixels_and_the_mass_is_centred(digits):
    for digit in digits:
        laid = to_mnist_form(scan(digit, 4))
        rows, columns = np.flatnonzero(laid.max(1)), np.flatnonzero(laid.max(0))
        assert BOX - 1 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX
        mass = laid.astype(float) / laid.sum()
        assert abs(mass.sum(1) @ (np.arange(28) + 0.5) - 14) < 1.01
        assert abs(mass.sum(0) @ (np.arange(28) + 0.5) - 14) < 1.01


def test_polarity_and_brightness_do_not_matter(digits):
    dark = to_mnist_form(scan(digits[0], 4, noise=0))
    assert (to_mnist_form(255 - scan(digits[0], 4, noise=0)) == dark).all()
    assert np.abs(to_mnist_form(scan(digits[0], 4, 120, 250, 0)).astype(int) - dark).max() <= 3


def test_dust_is_removed(digits):
    clean, dusty = scan(digits[3], 6), scan(digits[3], 6)
    dusty[2:4, 2:4] = 40
    # It may move the threshold between ink and paper by a grey level or two.
    assert np.abs(to_mnist_form(dusty).astype(int) - to_mnist_form(clean)).max() <= 3


@settings(max_examples=200, deadline=None)
@given(stn.arrays(np.uint8, stn.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_any_image_is_converted_or_refused(grey):
    try:
        laid = to_mnist_form(grey)
    except DataError:
        return
    assert laid.shape == (28, 28)
    assert laid.dtype == np.uint8
    assert laid.max() > 0

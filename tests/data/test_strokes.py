"""Pen strokes are smoothed and drawn in MNIST's form, at any resolution."""

import numpy as np
import pytest

from scorp_train.data.strokes import draw_strokes, smooth_strokes

SEVEN = [np.array([[0, 0], [60, 0], [20, 100]])]


def extent(image):
    """Return height and width of the ink in px."""
    return [int((image.max(axis) > 8).sum()) for axis in (1, 0)]


@pytest.mark.parametrize("pen", [1.5, 2.5, 5.0])
@pytest.mark.parametrize("scale", [0.01, 1, 70])
def test_the_longer_side_is_20_pixels_with_the_pen(pen, scale):
    height, width = extent(draw_strokes([stroke * scale + 3 for stroke in SEVEN], pen))
    assert height == pytest.approx(20, abs=1)
    assert width == pytest.approx(0.6 * (20 - pen) + pen, abs=2)


def test_the_centre_of_mass_is_in_the_middle():
    image = draw_strokes(SEVEN, 2.5).astype(float)
    for axis in (0, 1):
        mean = image.sum(1 - axis) @ (np.arange(28) + 0.5) / image.sum()
        assert mean == pytest.approx(14, abs=0.5)


def test_a_larger_image_is_the_same_picture():
    large = draw_strokes(SEVEN, 2.5, 84)
    assert large.shape == (84, 84)
    reduced = large.reshape(28, 3, 28, 3).mean((1, 3))
    moved = [np.roll(reduced, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    small = draw_strokes(SEVEN, 2.5).astype(float)
    assert min(np.abs(small - each).mean() for each in moved) < 6


def test_a_dot_is_a_disc():
    image = draw_strokes([np.array([[7, 7]])], 20)
    assert (image > 127).sum() == pytest.approx(np.pi * 10**2, rel=0.03)
    assert (image == image.T).all()


def test_smoothing_removes_the_steps_of_the_tablet_and_keeps_the_ends():
    line = np.stack([np.arange(201), (np.arange(201) + 5) // 10 * 10], 1)  # a staircase with steps of 10
    (smooth,) = smooth_strokes([line], step=10)
    assert (smooth[0], smooth[-1]) == (pytest.approx(line[0]), pytest.approx(line[-1]))
    assert np.abs(line[:, 0] - line[:, 1]).max() == 5
    assert np.abs(smooth[:, 0] - smooth[:, 1]).max() < 2.5


def test_smoothing_leaves_dots_and_fine_strokes_alone():
    circle = 500 + 500 * np.stack([np.cos(np.linspace(0, 6, 400)), np.sin(np.linspace(0, 6, 400))], 1)
    dot, smooth = smooth_strokes([np.array([[0, 0], [0, 0]]), circle], step=1)
    assert dot.tolist() == [[0, 0]]
    assert np.abs(np.hypot(*(smooth - 500).T) - 500).max() < 4

"""Stray ink is found, and strokes are not mistaken for it."""

import numpy as np

from scorp_train.measures.specks import has_specks


def make_image(*spots: tuple[int, int, int]) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[5:23, 13:15] = 255
    for row, column, grey in spots:
        image[row, column] = grey
    return image


def test_a_visible_dot_apart_from_the_stroke_is_a_speck():
    images = np.stack([make_image(), make_image((2, 2, 40)), make_image((2, 2, 8)), make_image((4, 12, 90))])
    # The third is too faint to see, the fourth touches the stroke.
    assert has_specks(images).tolist() == [False, True, False, False]


def test_a_second_stroke_is_not_a_speck():
    image = make_image()
    image[10:14, 20] = 200
    assert not has_specks(image[None]).any()


def test_a_blank_image_has_no_specks():
    assert not has_specks(np.zeros((1, 28, 28), np.uint8)).any()

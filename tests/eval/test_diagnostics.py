"""Diagnostics find faults, and none in real digits."""

import numpy as np
import pytest

from scorp_train.evaluation.diagnostics import check_images

DIGITS = tuple("0123456789")


def failed(images, labels, requested=None):
    return {check.name for check in check_images(images, labels, DIGITS, requested) if not check.passed}


def test_digits_pass(held_out):
    images, labels = held_out
    assert failed(images, labels, np.full(10, 40)) == set()


@pytest.mark.parametrize("name", ["shape", "range", "blank", "border", "repeated", "classes", "counts"])
def test_each_fault_is_found_by_its_own_check(held_out, name):
    images, labels = held_out[0].copy(), held_out[1].copy()
    requested = np.full(10, 40)
    if name == "shape":
        images = images[:, :, 1:]
    elif name == "range":
        images = images // 2
        images[images > 0] += 30
    elif name == "blank":
        images[0] = images[0].clip(0, 100)
    elif name == "border":
        images[:20, 0, 5] = 255
    elif name == "repeated":
        images[10] = images[0]
    elif name == "classes":
        labels[labels == 7] = 1
        requested = np.bincount(labels, minlength=10)
    else:
        labels[0] = 1
    assert failed(images, labels, requested) == {name}

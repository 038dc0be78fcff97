"""Accuracy with classes merged that look alike."""

from string import ascii_uppercase, printable

import numpy as np
import pytest

from scorp_train.evaluation.classifier import fit
from scorp_train.judge.lookalikes import GROUPS, groups_of, has_lookalikes, lookalike_accuracy

BOTH = (*"0123456789", *ascii_uppercase)


def test_only_classes_that_look_alike_are_merged():
    labels, read = (np.array([BOTH.index(name) for name in text]) for text in ("0OIL", "O0L1"))
    assert lookalike_accuracy(read, labels, BOTH) == {"lookalike_accuracy": pytest.approx(0.5)}


def test_digits_do_not_look_alike():
    digits = tuple("0123456789")
    assert not has_lookalikes(digits)
    assert lookalike_accuracy(np.arange(10), np.arange(10), digits) == {}


def test_each_class_is_in_one_group():
    together = "".join(GROUPS)
    assert len(set(together)) == len(together)
    classes = tuple(sorted(set(printable) - set(" \t\n\r\x0b\x0c")))
    assert len(set(groups_of(classes).tolist())) == len(classes) - len(together) + len(GROUPS)


def test_a_classifier_needs_images():
    with pytest.raises(ValueError, match="no images"):
        fit(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64), 10, 1, 0)

"""Accuracy among digits and among capitals, for datasets of both."""

from string import ascii_uppercase

import numpy as np
import pytest

from scorp_train.data import Dataset, Split
from scorp_train.evaluation.classifier import fit
from scorp_train.evaluation.measured_images import MeasuredImages, RealImages
from scorp_train.evaluation.report import metric_names
from scorp_train.evaluation.use import use_section
from scorp_train.judge import Reading
from scorp_train.judge.alphabets import alphabet_accuracies, alphabet_members

BOTH = (*"0123456789", *ascii_uppercase)


def reading(*orders):
    """Return a reading of images whose most likely classes are in these orders, such as "O0"."""
    logits = np.zeros((len(orders), len(BOTH)), np.float32)
    for row, order in zip(logits, orders, strict=True):
        for number, name in enumerate(order):
            row[BOTH.index(name)] = 10 - number
    return Reading(logits, np.zeros((len(orders), 64), np.float32))


def test_only_confusions_within_an_alphabet_count():
    labels = np.array([BOTH.index(name) for name in "0OIL"])
    shares = alphabet_accuracies(reading("O0", "0O", "LI", "L1"), labels, BOTH)
    assert shares == {"digit_accuracy": 1.0, "capital_accuracy": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    "classes", [tuple("0123456789"), tuple(ascii_uppercase), (*BOTH, "ring"), (*BOTH, "a")]
)
def test_other_datasets_have_no_alphabets(classes):
    assert alphabet_members(classes) == {}


def test_an_alphabet_without_images_has_no_accuracy():
    assert set(alphabet_accuracies(reading("7"), np.array([7]), BOTH)) == {"digit_accuracy"}


@pytest.fixture(scope="module")
def letters(drawn):
    """The drawn digits, and the same upside down as capitals A to J."""

    def both(split):
        return Split(
            np.concatenate([split.images, split.images[:, ::-1]]),
            np.tile(split.labels, 2) + np.repeat([0, 10], len(split)),
        )

    return Dataset("letters", BOTH, both(drawn.train), both(drawn.test), "none")


def use(dataset, sizes, images=None):
    test = dataset.test
    read = Reading(np.zeros((len(test), 1), np.float32), np.zeros((len(test), 64), np.float32))
    real = RealImages(
        dataset,
        None,
        MeasuredImages(test.images, test.labels, read, np.zeros((len(test), 4), np.float32)),
        (),
    )
    return {
        metric.info.name: metric for metric in use_section(images or dataset.train, real, sizes, 0).metrics
    }


def test_training_on_capitals_is_tested_on_capitals(letters, drawn, tiny_sizes):
    metric = use(letters, tiny_sizes)["use_capitals"]
    assert metric.value == metric.real  # the same images on both sides
    assert metric.value > 0.5  # of ten classes
    assert "use_capitals" not in use(drawn, tiny_sizes)
    assert {"use_capitals", "capital_accuracy", "digit_accuracy"} <= metric_names(tiny_sizes)


def test_a_source_without_capitals_is_not_trained_on_them(letters, drawn, tiny_sizes):
    metrics = use(letters, tiny_sizes, drawn.train)
    assert metrics["use_capitals"].value is None
    assert metrics["use_all"].value is not None


def test_a_classifier_needs_images():
    with pytest.raises(ValueError, match="no images"):
        fit(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64), 10, 1, 0)

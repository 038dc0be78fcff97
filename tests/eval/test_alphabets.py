"""Digits are judged among digits and capitals among capitals, where a data set has both; nothing changes for digits."""

from string import ascii_uppercase

import numpy as np
import pytest

from scorp_train.data import Dataset, Split
from scorp_train.evaluation.classifier import fit
from scorp_train.evaluation.measured_images import Collection
from scorp_train.evaluation.real_images import Real
from scorp_train.evaluation.report import figure_names
from scorp_train.evaluation.use import use_section
from scorp_train.judge import Reading
from scorp_train.judge.alphabets import alphabet_accuracies, alphabet_members

BOTH = (*"0123456789", *ascii_uppercase)


def reading(*orders):
    """Of pictures whose classes come to mind in these orders, such as "O0"."""
    logits = np.zeros((len(orders), len(BOTH)), np.float32)
    for row, order in zip(logits, orders, strict=True):
        for number, name in enumerate(order):
            row[BOTH.index(name)] = 10 - number
    return Reading(logits, np.zeros((len(orders), 64), np.float32))


def test_a_zero_that_looks_like_an_o_is_a_right_digit_and_an_i_like_an_l_a_wrong_capital():
    labels = np.array([BOTH.index(name) for name in "0OIL"])
    shares = alphabet_accuracies(reading("O0", "0O", "LI", "L1"), labels, BOTH)
    assert shares == {"digit_accuracy": 1.0, "capital_accuracy": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    "classes", [tuple("0123456789"), tuple(ascii_uppercase), (*BOTH, "ring"), (*BOTH, "a")]
)
def test_other_data_sets_have_no_alphabets(classes):
    assert alphabet_members(classes) == {}


def test_an_alphabet_without_pictures_has_no_share():
    assert set(alphabet_accuracies(reading("7"), np.array([7]), BOTH)) == {"digit_accuracy"}


@pytest.fixture(scope="module")
def letters(drawn):
    """The drawn digits, and capitals A to J that are the same upside down."""

    def both(split):
        return Split(
            np.concatenate([split.images, split.images[:, ::-1]]),
            np.tile(split.labels, 2) + np.repeat([0, 10], len(split)),
        )

    return Dataset("letters", BOTH, both(drawn.train), both(drawn.test), "none")


def use(dataset, plan, pictures=None):
    test = dataset.test
    read = Reading(np.zeros((len(test), 1), np.float32), np.zeros((len(test), 64), np.float32))
    real = Real(
        dataset, None, Collection(test.images, test.labels, read, np.zeros((len(test), 4), np.float32)), ()
    )
    return {
        figure.measure.name: figure
        for figure in use_section(pictures or dataset.train, real, plan, 0).figures
    }


def test_what_was_trained_on_capitals_alone_is_tested_on_capitals_alone(letters, drawn, tiny_plan):
    figure = use(letters, tiny_plan)["use_capitals"]
    assert figure.value == figure.real  # the same pictures on both sides
    assert figure.value > 0.5  # of ten classes, whatever the digits are
    assert "use_capitals" not in use(drawn, tiny_plan)
    assert {"use_capitals", "capital_accuracy", "digit_accuracy"} <= figure_names(tiny_plan)


def test_a_source_without_capitals_is_not_trained_on_them(letters, drawn, tiny_plan):
    figures = use(letters, tiny_plan, drawn.train)
    assert figures["use_capitals"].value is None
    assert figures["use_all"].value is not None


def test_nothing_is_learned_of_no_images():
    with pytest.raises(ValueError, match="no images"):
        fit(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64), 10, 1, 0)

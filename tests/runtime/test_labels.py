"""Labels select classes, and anything else is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorp_runtime import CountError, Counts, Generator, LabelError, RequestError, Weights
from scorp_runtime.sampling.labels import read_labels

CLASSES = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def first(labels: object, count: int) -> list[str]:
    return [CLASSES[position] for position in read_labels(labels, CLASSES).at(0, 0, 0, count).tolist()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("7", "7"),
        ("0-9", "0123456789"),
        ("1,3,5-7", "13567"),
        ("1, 3, 5-7", "13567"),
        ("A-C,x-z", "ABCxyz"),
        ("3-3", "3"),
        ("7,7,1", "771"),
        ("all", "".join(CLASSES)),
    ],
)
def test_classes_in_a_text_take_turns(text: str, names: str) -> None:
    assert first(text, 2 * len(names)) == list(names * 2)


def test_an_unconditional_model_has_one_class_and_refuses_others() -> None:
    for labels in ("any", "all", 0):
        assert read_labels(labels, ("any",)).at(0, 0, 0, 3).tolist() == [0, 0, 0]
    for others in ("7", 7, "0-9", ["7", "any"]):
        with pytest.raises(LabelError, match="'any' or 'all'"):
            read_labels(others, ("any",))


@given(st.lists(st.tuples(st.integers(0, 61), st.integers(0, 61)).map(sorted), min_size=1, max_size=5))
def test_any_list_of_ranges_is_read(ranges: list[list[int]]) -> None:
    text = ",".join(f"{CLASSES[low]}-{CLASSES[high]}" for low, high in ranges)
    names = [name for low, high in ranges for name in CLASSES[low : high + 1]]
    assert first(text, len(names)) == names


BAD_TEXTS = ["", "10", "-1", "7-", "-", "0-", "9-0", "1,,2", "\u0667", "²", "7.0", "a-Z", "ALL", "\n7", "1;2"]
BAD_VALUES = [True, 7.0, -1, 62, b"7", [7, 2.0], [True], ["0-9"], [None], np.array([1.0]), np.array([62]), {}]


@pytest.mark.parametrize("bad", [*BAD_TEXTS, *BAD_VALUES])
def test_an_invalid_label_is_refused(bad: Any) -> None:
    with pytest.raises(LabelError):
        read_labels(bad, CLASSES)


@pytest.mark.parametrize(
    "labels",
    [[10, "B", np.int64(12)], (10, 11, 12), np.array([10, 11, 12], np.uint8), iter("ABC"), range(10, 13)],
)
def test_a_sequence_is_one_label_per_image(labels: Any) -> None:
    assert first(labels, 3) == ["A", "B", "C"]


def test_an_error_names_the_label_and_the_classes(generator: Generator) -> None:
    with pytest.raises(LabelError, match=r"'x' in '1,x'.* 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"):
        generator.generate("1,x")
    with pytest.raises(LabelError, match=r"10\b.*0 to 9"):
        generator.generate(10)
    with pytest.raises(LabelError) as caught:
        read_labels("x" * 10_000, CLASSES)
    assert len(str(caught.value)) < 250


def test_turns_follow_the_index(generator: Generator) -> None:
    labels = generator.generate("1,3,5", 4, seed=0, start=2**63 + 1).labels
    assert labels.tolist() == [(1, 3, 5)[(2**63 + 1 + place) % 3] for place in range(4)]


def test_the_default_count_follows_the_labels(generator: Generator) -> None:
    for labels, count in [(7, 1), ("0-9", 10), ([1, 2], 2), (None, 1), ([], 0)]:
        assert len(generator.generate(labels, seed=0)) == count
    with pytest.raises(CountError, match="count 3 contradicts the 2 labels"):
        generator.generate([1, 2], 3, seed=0)


def test_random_labels_have_all_classes_about_equally_often(generator: Generator) -> None:
    counts = np.bincount(generator.generate(None, 5000, seed=1).labels, minlength=10)
    assert counts.min() > 400
    assert counts.max() < 600


def test_weighted_classes_are_drawn_in_proportion() -> None:
    labels = read_labels(Weights({"3": 1, "7": 2.5, 1: 0}), CLASSES).at(0, 0, 0, 100_000)
    share = np.bincount(labels, minlength=10) / 100_000
    assert share[[3, 7]] == pytest.approx([1 / 3.5, 2.5 / 3.5], abs=0.01)
    assert set(labels.tolist()) == {3, 7}


def test_equal_weights_are_the_same_as_random_labels() -> None:
    equal = read_labels(Weights(dict.fromkeys(CLASSES, 0.1)), CLASSES)
    assert np.array_equal(equal.at(5, 9, 0, 5000), read_labels(None, CLASSES).at(5, 9, 0, 5000))


@given(st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 90), min_size=1, max_size=9), st.data())
def test_counts_are_exact_and_evenly_mixed(counts: dict[str, int], data: st.DataObject) -> None:
    size = sum(counts.values())
    if size == 0:
        with pytest.raises(CountError):
            read_labels(Counts(counts), CLASSES)
        return
    plan = read_labels(Counts(counts), CLASSES)
    labels = plan.at(0, 0, 0, size)
    assert {name: int((labels == CLASSES.index(name)).sum()) for name in counts} == counts
    first = data.draw(st.integers(0, size))
    end = data.draw(st.integers(first, size))
    assert np.array_equal(plan.at(0, 10**15, first, end - first), labels[first:end])
    for name, count in counts.items():
        inside = int((labels[first:end] == CLASSES.index(name)).sum())
        # Of all stretches of all classes of at most 90 among at most 810, the worst is off by 10.64 (806, stride 499).
        assert abs(inside - count * (end - first) / size) <= 10.7


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), True, "1"])
def test_an_invalid_weight_is_refused(bad: Any) -> None:
    with pytest.raises(LabelError):
        read_labels(Weights({"7": bad}), CLASSES)


@pytest.mark.parametrize("bad", [{}, "7", {"x-": 1}, {"7": 1, 7: 1}])
def test_weights_without_or_with_unknown_or_repeated_classes_are_refused(bad: Any) -> None:
    for kind in (Weights, Counts):
        with pytest.raises(RequestError):
            read_labels(kind(bad), CLASSES)


@pytest.mark.parametrize("bad", [1.0, -1, 2**32 + 1])
def test_an_invalid_number_of_images_of_a_class_is_refused(bad: Any) -> None:
    with pytest.raises(CountError):
        read_labels(Counts({"7": bad}), CLASSES)


@pytest.mark.parametrize(
    ("label", "meant"), [("a", "'A'"), ("alhpa", "'alpha'"), ("A,alfa", "'alpha'"), ("?", None)]
)
def test_a_misspelt_class_gets_a_suggestion(label: str, meant: str | None) -> None:
    with pytest.raises(LabelError) as raised:
        read_labels(label, ("A", "B", "alpha", "beta"))
    assert (f"did you mean {meant}?" in str(raised.value)) == (meant is not None)

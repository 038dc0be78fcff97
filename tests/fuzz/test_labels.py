"""Any labels are classes of the model, or are refused with a `RequestError` of one line."""

import string
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Counts, RequestError, Weights
from scorp_runtime.sampling.class_shares import read_class_shares
from scorp_runtime.sampling.labels import Labels, read_labels

MODELS = [("0", "1", "2"), tuple(string.digits), tuple(string.digits + string.ascii_letters), ("any",)]
CLASSES = st.sampled_from([*MODELS, ("é", "ß", "日")])
GRAMMAR = st.lists(st.sampled_from([*"0123579AZaz,,--- é\u0663\n\0", "all", "any"]), max_size=16).map("".join)
SCALAR: st.SearchStrategy[Any] = st.from_type(bool | int | float | complex | str | bytes | None)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALAR
    | st.integers(0, 9)
    | st.sampled_from([np.int64(3), np.uint8(250), np.float32(1), np.array(2), np.array([[1]])]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=2) | st.integers(0, 9), inner, max_size=4)
        | st.builds(
            Weights, st.dictionaries(st.text(max_size=1) | st.integers(0, 3), inner, max_size=3) | inner
        )
        | st.builds(
            Counts, st.dictionaries(st.text(max_size=1) | st.integers(0, 3), inner, max_size=3) | inner
        )
    ),
    max_leaves=6,
)


def refused_or_classes(labels: object, classes: tuple[str, ...]) -> Labels | None:
    try:
        plan = read_labels(labels, classes)
        count = min(plan.default_count, 50)
        positions = plan.at(5, 7, 0, count)
    except RequestError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return None
    assert positions.dtype == np.int64
    assert positions.shape == (count,)
    assert all(0 <= position < len(classes) for position in positions.tolist())
    return plan


@settings(deadline=None)
@given(labels=st.text(max_size=20) | GRAMMAR, classes=CLASSES)
@example(labels="9-0\n", classes=MODELS[1])
def test_any_text(labels: str, classes: tuple[str, ...]) -> None:
    refused_or_classes(labels, classes)


@settings(deadline=None)
@given(labels=ANYTHING, classes=CLASSES)
def test_any_object(labels: Any, classes: tuple[str, ...]) -> None:
    refused_or_classes(labels, classes)


@settings(deadline=None)
@given(
    what=GRAMMAR | st.sampled_from(["0-2", "all", "2,0"]),
    per_class=st.none() | st.text(st.sampled_from("0123456789,.-"), max_size=24) | st.text(max_size=5),
    class_weights=st.none() | st.text(st.sampled_from("0123456789,.-e"), max_size=24) | st.text(max_size=5),
)
def test_any_shares_of_the_classes(what: str, per_class: str | None, class_weights: str | None) -> None:
    try:
        labels = read_class_shares(what, per_class, class_weights, MODELS[0])
    except RequestError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        refused_or_classes(labels, MODELS[0])

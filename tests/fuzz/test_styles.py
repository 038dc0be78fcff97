"""Any styles are within the ranges of the knobs, or are refused with a `StyleError` of one line."""

from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Knob, StyleError, Uniform
from scorp_runtime.sampling.knobs import read_styles, requested_styles

KNOBS = (Knob("thickness", "px", 1.0, 6.0, 0.0625), Knob("slant", "degrees", -30.0, 30.0, 0.5))
COUNT = 3
NUMBER = st.lists(st.sampled_from([*"0123456789.-+eE_ \u0663\n", "..", "nan", "inf"]), max_size=14).map(
    "".join
)
RANGE = st.builds("{}..{}".format, st.floats() | st.integers(), st.floats() | st.integers())
SCALAR: st.SearchStrategy[Any] = st.from_type(bool | int | float | complex | str | bytes | None)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALAR
    | st.floats(1, 6)
    | st.sampled_from([np.float16(2), np.array(2.5), np.array([1, 2, 3]), np.zeros((3, 1))]),
    lambda inner: (
        st.lists(inner, min_size=COUNT, max_size=COUNT)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        | st.builds(Uniform, inner, inner)
    ),
    max_leaves=6,
)


def refused_or_within(styles: dict[str, Any]) -> None:
    try:
        read = read_styles(styles, KNOBS, COUNT)
    except StyleError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    values = requested_styles(read, 3, 2**64 - COUNT, 0, COUNT, KNOBS)
    assert values.shape == (COUNT, len(KNOBS))
    for position in read:
        knob = KNOBS[position]
        assert ((values[:, position] >= knob.low) & (values[:, position] <= knob.high)).all()
        assert (values[:, position] % knob.step == 0).all()


@settings(deadline=None)
@given(st.sampled_from(["thickness", "slant"]), NUMBER | RANGE | st.text(max_size=12))
@example("slant", "5..20")
@example("slant", "-30..30")
@example("thickness", "1e400")
@example("thickness", "2..1e400")
@example("thickness", "." * 100_000)
def test_any_text(name: str, text: str) -> None:
    refused_or_within({name: text})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["thickness", "slant", "colour", "\x1b[2J"]), ANYTHING, max_size=3))
@example({"slant": Uniform(np.zeros((3, 1)), None)})  # type: ignore[arg-type]
def test_any_object(styles: dict[str, Any]) -> None:
    refused_or_within(styles)

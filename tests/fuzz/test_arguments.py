"""Any labels, styles, phrases and texts are used, or refused with an error of one line."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Counts, Generator, LabelError, RequestError, StyleError, Uniform, Weights
from scorp_runtime.cli.phrases import is_phrase, read_phrase
from scorp_runtime.sampling.labels import read_labels

COUNT = 3
CLASSES = [("0", "1", "2"), tuple("0123456789abcXYZ"), ("any",), ("é", "ß", "日")]
LABELS = st.lists(st.sampled_from([*"0123579AZaz,,--- é\u0663\n\0", "all", "any"]), max_size=16).map("".join)
NUMBER = st.lists(st.sampled_from([*"0123456789.-+eE_ \u0663\n", "..", "nan", "inf"]), max_size=14).map(
    "".join
)
RANGE = st.builds("{}..{}".format, st.floats() | st.integers(), st.floats() | st.integers())
SCALAR: st.SearchStrategy[Any] = st.from_type(bool | int | float | complex | str | bytes | None)
ARRAYS = [np.int64(3), np.uint8(250), np.float16(2), np.array(2), np.array([1, 2, 3]), np.zeros((3, 1))]
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALAR | st.integers(0, 9) | st.floats(1, 6) | st.sampled_from(ARRAYS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2) | st.integers(0, 9), inner, max_size=4)
        | st.builds(Weights, inner)
        | st.builds(Counts, inner)
        | st.builds(Uniform, inner, inner)
    ),
    max_leaves=6,
)
# fmt: off
WORDS = [
    "a", "an", "the", "very", "thick", "bold", "thin", "narrow", "wide", "upright", "leaning", "left", "right", "zero",
    "seven", "twelve", "forty", "two", "ninety-nine", "7", "42", "x", "all", "-", "", "\x1b[2J", "\n",
]
# fmt: on
PHRASE = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=8).map(" ".join)


@settings(deadline=None)
@given(labels=st.text(max_size=20) | LABELS | ANYTHING, classes=st.sampled_from(CLASSES))
@example(labels="9-0\n", classes=CLASSES[1])
def test_any_labels(labels: Any, classes: tuple[str, ...]) -> None:
    try:
        plan = read_labels(labels, classes)
        positions = plan.at(5, 7, 0, min(plan.default_count, 50))
    except RequestError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    assert positions.dtype == np.int64
    assert all(0 <= position < len(classes) for position in positions.tolist())


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["thickness", "slant", "\x1b[2J"]),
        NUMBER | RANGE | st.text(max_size=12) | ANYTHING,
        max_size=3,
    )
)
@example({"slant": "5..20"})
@example({"thickness": "1e400"})
@example({"thickness": "2..1e400"})
@example({"thickness": "." * 100_000})
@example({"slant": Uniform(np.zeros((3, 1)), None)})  # type: ignore[arg-type]
def test_any_styles(generator: Generator, styles: dict[str, Any]) -> None:
    try:
        found = generator.generate("7", COUNT, seed=3, start=2**64 - COUNT, **styles).styles
    except RequestError as error:
        assert isinstance(error, StyleError) or "\x1b[2J" in styles  # noqa: PT017
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    for values, knob in zip(found.T, generator.knobs, strict=True):
        assert ((values >= knob.low) & (values <= knob.high)).all()
        assert (values % knob.step == 0).all()


@settings(deadline=None)
@given(PHRASE | st.text(max_size=30))
@example("very very thick 7")
@example("leaning")
@example("forty zero")
@example("forty-two")
def test_any_phrase(generator: Generator, phrase: str) -> None:
    is_phrase(phrase, generator.classes)
    for info in (generator.info, replace(generator.info, knobs=(), classes=("0", "1", "x"))):
        try:
            read = read_phrase(phrase, info)
        except LabelError as error:
            assert str(error).isprintable(), repr(str(error))  # noqa: PT017
            continue
        assert read.name in info.classes
        for knob in info.knobs:
            assert knob.low <= read.styles.get(knob.name, knob.low) <= knob.high


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789-./,: \n\tx\u0663é"), max_size=14) | st.text(max_size=6))
def test_any_text_is_written_or_refused(generator: Generator, text: str) -> None:
    try:
        page = generator.sequence(text, seed=1)
    except RequestError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    assert page.text == text
    assert all(character.box.width > 0 and character.box.height > 0 for character in page.characters)

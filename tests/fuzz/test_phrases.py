"""Any phrase has styles within the ranges of the knobs, or is refused with a `LabelError` of one line."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Generator, LabelError, RequestError
from scorp_runtime.text.phrases import has_several_digits, is_in_words, is_phrase, read_phrase

KNOWN = st.sampled_from(
    [
        *(
            "a",
            "an",
            "the",
            "very",
            "thick",
            "bold",
            "thin",
            "narrow",
            "wide",
            "upright",
            "leaning",
            "left",
            "right",
        ),
        *(
            "zero",
            "seven",
            "twelve",
            "forty",
            "two",
            "ninety-nine",
            "7",
            "42",
            "x",
            "all",
            "-",
            "",
            "\x1b[2J",
            "\n",
        ),
    ]
)
PHRASE = st.lists(KNOWN | st.text(max_size=4), max_size=8).map(" ".join)


@settings(deadline=None)
@given(PHRASE | st.text(max_size=30))
@example("very very thick 7")
@example("leaning")
@example("forty zero")
def test_any_phrase(generator: Generator, phrase: str) -> None:
    info = generator.info
    is_phrase(phrase, info.classes)
    is_in_words(phrase, info.classes)
    has_several_digits(phrase)
    try:
        read = read_phrase(phrase, info)
    except LabelError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    assert set(read.text) <= set(info.classes)
    for knob in info.knobs:
        values = read.styles.get(knob.name, [])
        assert len(values) in (0, len(read.text))
        assert all(knob.low <= value <= knob.high for value in values)


@settings(deadline=None)
@given(PHRASE)
def test_any_phrase_for_a_model_without_knobs(generator: Generator, phrase: str) -> None:
    small = replace(generator.info, knobs=(), classes=("0", "1", "x"))
    try:
        read = read_phrase(phrase, small)
    except LabelError:
        return
    assert set(read.text) <= set(small.classes)
    assert read.styles == {}


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789-./,: \n\tx\u0663é"), max_size=14) | st.text(max_size=6))
def test_any_text_is_written_or_refused(generator: Generator, text: str) -> None:
    try:
        page = generator.sequence(text, seed=1)
    except RequestError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        return
    assert page.text == text
    assert all(box.width > 0 and box.height > 0 for box in (character.box for character in page.characters))

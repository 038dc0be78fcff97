"""Patterns draw texts that the regular expression matches, evenly, and the same for each seed and index."""

import pickle
import re
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import AddressError, LabelError, Pattern, RequestError

ITEMS = st.sampled_from(["7", "A", r"\.", r"\\", r"\d", "[0-4X]", "[-a]", "[a-]", r"[\]\^]", "'", " "])
PATTERNS = st.recursive(
    ITEMS,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["?", "{2}", "{0,3}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(pattern=PATTERNS, seed=st.integers(0, 2**64 - 1), index=st.integers(0, 2**52 - 1))
def test_a_text_matches_its_pattern(pattern: str, seed: int, index: int) -> None:
    drawn = Pattern(pattern).draw(seed, index)
    assert re.fullmatch(pattern, drawn, re.ASCII)
    assert Pattern(pattern).characters >= set(drawn)
    assert pickle.loads(pickle.dumps(Pattern(pattern))).draw(seed, index) == drawn


def test_every_text_of_a_pattern_is_about_equally_frequent() -> None:
    pattern = Pattern("(a|b)[x-z]")
    counts = Counter(pattern.draw(seed=5, index=index) for index in range(6000))
    assert sorted(counts) == [first + second for first, second in product("ab", "xyz")]
    assert all(850 < count < 1150 for count in counts.values())
    lengths = Counter(len(Pattern("7{2,4}").draw(seed=5, index=index)) for index in range(3000))
    assert sorted(lengths) == [2, 3, 4]
    assert all(850 < count < 1150 for count in lengths.values())


def test_texts_are_the_same_everywhere() -> None:
    pattern = Pattern(r"CHF [1-9][0-9]{0,2}'[0-9]{3}\.[0-9]{2}|\d{4}-(0[1-9]|1[0-2])")
    assert [pattern.draw(2**64 - 1, index) for index in (0, 1, 2**52 - 1)] == [
        "0328-03",
        "CHF 832'373.66",
        "5540-10",
    ]


def test_the_longest_text_has_words_for_all_its_choices() -> None:
    assert len(Pattern("([a-z][0-9]){2048}").draw(1)) == 4096


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a*", "position 1.*no \\*"),
        ("a+", "position 1.*no \\*"),
        ("a{2}{3}", "position 4.*one count"),
        ("a{3,2}", r"count \{3,2\} is empty"),
        ("a{,2}", "one count"),
        ("{2}", "backslash before {"),
        ("a.", "backslash before \\."),
        ("^a$", "backslash before \\^"),
        ("[^a]", "backslash before \\^"),
        ("(a", r"\( without a \)"),
        ("a)", r"\) without a \("),
        ("[a", "ends too early"),
        ("[]", "class without characters"),
        ("[z-a]", "range z-a"),
        (r"\w", r"escape \\w"),
        ("a\\", "escape"),
        ("(" * 33 + "a" + ")" * 33, "32 groups"),
        ("[0-9]{4097}", "4097 characters, more than 4096"),
        ("(a{64}){65}", "4160 characters"),
        ("((){4096}){4096}", "steps"),
        (7, "must be a str, not int"),
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        Pattern(pattern)


def test_a_pattern_that_a_model_cannot_write_is_refused() -> None:
    with pytest.raises(LabelError, match="cannot write 'x'"):
        Pattern("7|x").check("0123456789")
    for pattern in ("7?", "(7|-)", "", "-{0,3}[-/]", "(7-){0,2}"):
        with pytest.raises(LabelError, match="without a character"):
            Pattern(pattern).check("0123456789")
    for pattern in ("-7", "(7|1-)[-/]?", "(7-){1,2}", "-?[0-9]"):
        Pattern(pattern).check("0123456789")
    with pytest.raises(AddressError, match="seed"):
        Pattern("7").draw(-1)
    with pytest.raises(AddressError, match="index"):
        Pattern("7").draw(1, 2**52)

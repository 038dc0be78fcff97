"""Words say what to draw, strictly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import Generator, LabelError
from scorp_runtime.text.phrases import is_phrase, read_phrase


@pytest.mark.parametrize(
    ("phrase", "text", "styles"),
    [
        ("a seven", "7", {}),
        ("forty-two", "42", {}),
        ("Forty two".lower(), "42", {}),
        ("nineteen", "19", {}),
        ("thin 4", "4", {"thickness": 3}),
        ("the very thick eight", "8", {"thickness": 11}),
        ("narrow zero leaning right", "0", {"width": 3, "slant": 9}),
        ("bold ninety-nine very leaning left", "99", {"thickness": 9, "slant": 1}),
    ],
)
def test_words_mean_labels_and_places_in_what_people_write(
    generator: Generator, phrase: str, text: str, styles: dict[str, int]
) -> None:
    meant = read_phrase(phrase, generator.info)
    columns = [knob.name for knob in generator.knobs]
    expected = {
        name: [generator.info.natural[digit].quantiles[columns.index(name)][place] for digit in text]
        for name, place in styles.items()
    }
    clipped = {
        name: np.clip(
            values, generator.knobs[columns.index(name)].low, generator.knobs[columns.index(name)].high
        ).tolist()
        for name, values in expected.items()
    }
    assert (meant.text, meant.styles) == (text, clipped)
    assert is_phrase(phrase, generator.classes)


def test_upright_is_no_slant(generator: Generator) -> None:
    assert read_phrase("upright 7", generator.info).styles == {"slant": [0.0]}


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("a purple seven", "unknown word 'purple'"),
        ("seven leaning", "'leaning' is out of place in 'seven leaning': it goes before left or right"),
        ("very seven", "'very' is out of place in 'very seven': it goes before a manner"),
        ("very upright seven", "'very' is out of place"),
        ("seven left", "'left' is out of place in 'seven left': it follows leaning"),
        ("thick the seven", "'the' is out of place in 'thick the seven': an article comes first"),
        ("thick a seven", "'a' is out of place"),
        ("thin", "says how to draw, but not what"),
        ("thick thin seven", "'thin' in 'thick thin seven' says thickness twice"),
        ("seven eight", "names two things to draw: 7 and 8"),
        ("2026-11-24 ROUTE", "unknown word 'ROUTE'"),
        ("hundred", "unknown word 'hundred'"),
        ("thin narrow A", "the model has no 'A', which 'thin narrow A' asks for: it has 0 1"),
    ],
)
def test_what_is_not_understood_is_named(generator: Generator, phrase: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_phrase(phrase, generator.info)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a", "very", "thick", "thin", "upright", "leaning", "left", "forty", "two", "7", "x"]
        ),
        max_size=6,
    )
)
def test_any_words_are_understood_or_refused(words: list[str]) -> None:
    info = Generator().info
    try:
        meant = read_phrase(" ".join(words), info)
    except LabelError:
        return
    assert meant.text.isdigit()
    for knob in info.knobs:
        values = meant.styles.get(knob.name, [knob.low] * len(meant.text))
        assert len(values) == len(meant.text)
        assert all(knob.low <= value <= knob.high for value in values)


@pytest.mark.parametrize("labels", ["7", "0-9", "1,3, 5-7", "all", "A-Z", "x"])
def test_labels_are_no_phrase(labels: str) -> None:
    assert not is_phrase(labels, [*"0123456789", *"ABC"])


def test_the_command_line_understands_and_shows_what_it_understood(
    scorp_gen: Any, tmp_path: Path, generator: Generator
) -> None:
    made = json.loads(scorp_gen("a thick seven", "a.npy", "--seed", 1, "--json").stdout)
    thick = generator.info.natural["7"].quantiles[0][9]
    assert (made["what"], made["styles"]) == ("7", {"thickness": str(thick)})
    assert np.array_equal(np.load(tmp_path / "a.npy"), generator.generate(7, seed=1, thickness=thick).images)
    told = json.loads(scorp_gen("forty-two", "b.png", "--seed", 1, "--json").stdout)
    assert [box[0] for box in told["pages"][0]["boxes"]] == ["4", "2"]
    refused = scorp_gen("thin seven", "c.png", "--thickness", 3)
    assert refused.returncode == 2
    assert b"--thickness contradicts the words" in refused.stderr

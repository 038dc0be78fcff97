"""Phrases describe what to draw, and invalid ones are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, LabelError
from scorp_runtime.text.phrases import is_phrase, read_phrase


@pytest.mark.parametrize(
    ("phrase", "text", "styles"),
    [
        ("a seven", "7", {}),
        ("forty-two", "42", {}),
        ("forty two", "42", {}),
        ("nineteen", "19", {}),
        ("thin 4", "4", {"thickness": 3}),
        ("the very thick eight", "8", {"thickness": 11}),
        ("narrow zero leaning right", "0", {"width": 3, "slant": 9}),
        ("bold ninety-nine very leaning left", "99", {"thickness": 9, "slant": 1}),
    ],
)
def test_a_phrase_sets_labels_and_quantiles_of_knobs(
    generator: Generator, phrase: str, text: str, styles: dict[str, int]
) -> None:
    read = read_phrase(phrase, generator.info)
    columns = [knob.name for knob in generator.knobs]
    expected = {
        name: [generator.info.natural[digit].quantiles[columns.index(name)][place] for digit in text]
        for name, place in styles.items()
    }
    assert (read.text, read.styles) == (text, expected)
    assert is_phrase(phrase, generator.classes)


def test_upright_is_zero_slant(generator: Generator) -> None:
    assert read_phrase("upright 7", generator.info).styles == {"slant": [0.0]}


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("a purple seven", "unknown word 'purple'"),
        ("seven leaning", "'leaning'.*before left or right"),
        ("very seven", "'very'.*before a manner"),
        ("very upright seven", "'very'"),
        ("seven left", "'left'.*follows leaning"),
        ("thick the seven", "'the'.*comes first"),
        ("thick a seven", "'a'"),
        ("thin", "none"),
        ("thick thin seven", "'thin'.* thickness"),
        ("seven eight", "7 and 8"),
        ("2026-11-24 ROUTE", "unknown word 'ROUTE'"),
        ("hundred", "unknown word 'hundred'"),
        ("thin narrow A", "'A'.*has 0 1"),
    ],
)
def test_an_invalid_phrase_is_refused(generator: Generator, phrase: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_phrase(phrase, generator.info)


@pytest.mark.parametrize("labels", ["7", "0-9", "1,3, 5-7", "all", "A-Z", "x"])
def test_labels_are_not_a_phrase(labels: str) -> None:
    assert not is_phrase(labels, [*"0123456789", *"ABC"])


def test_the_command_draws_a_phrase_and_reports_its_meaning(
    made: Any, tmp_path: Path, generator: Generator
) -> None:
    report = json.loads(made("a thick seven", "a.npy", "--seed", 1, "--json").stdout)
    thick = generator.info.natural["7"].quantiles[0][9]
    assert (report["what"], report["styles"]) == ("7", {"thickness": str(thick)})
    assert np.array_equal(np.load(tmp_path / "a.npy"), generator.generate(7, seed=1, thickness=thick).images)
    report = json.loads(made("forty-two", "b.png", "--seed", 1, "--json").stdout)
    assert [box[0] for box in report["pages"][0]["boxes"]] == ["4", "2"]

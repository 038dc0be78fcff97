"""Phrases describe what to draw, and invalid ones are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, LabelError
from scorp_runtime.cli.phrases import is_phrase, read_phrase, without_grammar


@pytest.mark.parametrize(
    ("phrase", "digit", "styles"),
    [
        ("a seven", "7", {}),
        ("thin 4", "4", {"thickness": 3}),
        ("the very thick eight", "8", {"thickness": 11}),
        ("narrow zero leaning right", "0", {"width": 3, "slant": 9}),
        ("bold nine very leaning left", "9", {"thickness": 9, "slant": 1}),
    ],
)
def test_a_phrase_sets_a_label_and_quantiles_of_knobs(
    generator: Generator, phrase: str, digit: str, styles: dict[str, int]
) -> None:
    read = read_phrase(phrase, generator.info)
    columns = [knob.name for knob in generator.knobs]
    expected = {
        name: generator.info.natural[digit].quantiles[columns.index(name)][place]
        for name, place in styles.items()
    }
    assert (read.name, read.styles) == (digit, expected)
    assert is_phrase(phrase, generator.classes)
    assert without_grammar(phrase) == digit * phrase.endswith(digit)


def test_upright_is_zero_slant(generator: Generator) -> None:
    assert read_phrase("upright 7", generator.info).styles == {"slant": 0.0}


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("a purple seven", "cannot read 'purple'"),
        ("seven leaning", "cannot read 'leaning'.*leaning left"),
        ("very seven", "cannot read 'very'"),
        ("very upright seven", "'very'"),
        ("seven left", "cannot read 'left'.*leaning left"),
        ("thick the seven", "cannot read 'the'"),
        ("thick a seven", "'a'"),
        ("thin", "none"),
        ("thick thin seven", "'thin'.* thickness"),
        ("seven eight", "7 and 8"),
        ("forty-two", "cannot read 'forty-two'"),
        ("thin narrow A", "cannot read 'A'"),
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


@pytest.mark.parametrize(
    ("words", "model"),
    [(words, "digits") for words in (["7"], ["1,3, 5-7"], ["all"], ["a thick seven"], ["text", "20 26"])]
    + [(words, "text") for words in (["A-Z"], ["-"], [","], ["7,a"], ["a thin b"], ["text", "2026-07"])],
)
def test_the_commands_select_a_model(made: Any, words: list[str], model: str) -> None:
    assert json.loads(made(*words, "out.png", "--json", model=None).stdout)["model"] == model

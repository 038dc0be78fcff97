"""The answers of people are summarised, and only for the page they saw."""

import json

import numpy as np
import pytest

from scorp_train.data import DataError
from scorp_train.evaluation.human_results import Answer, people_section, read_answers
from scorp_train.evaluation.human_test import FORMAT, make_human_test
from scorp_train.evaluation.measured_images import measure_images


@pytest.fixture(scope="module")
def measured(held_out, drawn, judge):
    images, labels = held_out
    return measure_images(images, labels, judge), measure_images(drawn.test.images, drawn.test.labels, judge)


def result(path, page, calls):
    answers = [{"trial": trial, "generated": call, "ms": 900} for trial, call in enumerate(calls)]
    path.write_text(json.dumps({"format": FORMAT, "page": page, "answers": answers}))
    return path


def test_the_page_loads_nothing_and_holds_no_answers(measured):
    human_test = make_human_test(*measured, 20, seed=1)
    assert "http" not in human_test.html
    assert human_test.page in human_test.html
    assert sum(human_test.generated) == len(human_test.generated) / 2 == 10
    shuffled = make_human_test(*measured, 20, seed=2)
    assert shuffled.generated != human_test.generated
    assert make_human_test(*measured, 20, seed=1) == human_test
    # The page has the same length for all answers.
    assert len(shuffled.html) == len(human_test.html)


def test_answers_are_summarised(tmp_path, measured):
    human_test = make_human_test(*measured, 20, seed=1)
    perfect = result(tmp_path / "a.json", human_test.page, human_test.generated)
    fooled = result(tmp_path / "b.json", human_test.page, [False] * 20)
    answers = [read_answers(path, human_test.page, 20) for path in (perfect, fooled)]
    called_real, accuracy = people_section(answers, human_test.generated).metrics
    assert called_real.value == 0.5
    assert called_real.real == 1
    assert accuracy.value == 0.75
    assert people_section(answers, human_test.generated).details["median_seconds"] == pytest.approx(0.9)


def test_images_are_as_real_if_people_cannot_tell_them_apart():
    generated = [True, False] * 50
    guesses = (np.random.default_rng(0).random(100) < 0.5).tolist()
    for calls, verdict in ((guesses, "as real"), (generated, "short of real")):
        answers = [Answer(trial, call, 900) for trial, call in enumerate(calls)]
        metrics = people_section([answers], generated).metrics
        assert [metric.verdict.value for metric in metrics] == [verdict, verdict]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"format": FORMAT, "page": "another", "answers": []}),
        json.dumps({"format": FORMAT, "page": "p", "answers": [{"trial": 7, "generated": True, "ms": 1}]}),
        json.dumps({"format": FORMAT, "page": "p", "answers": [{"trial": 0}]}),
        json.dumps(
            {"format": FORMAT, "page": "p", "answers": [{"trial": 1e999, "generated": True, "ms": 1}]}
        ),
        "[" * 100_000,
    ],
)
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"result\.json") as caught:
        read_answers(path, "p", 5)
    assert "\n" not in str(caught.value)


def test_no_answers_are_refused():
    with pytest.raises(DataError, match="no answers"):
        people_section([[]], [True, False])

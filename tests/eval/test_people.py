"""What people answered is summed up with honest intervals, and only for the page they saw."""

import json

import numpy as np
import pytest

from scorp_train.data import DataError
from scorp_train.evaluation.human_results import people_section, read_answers
from scorp_train.evaluation.human_test import FORMAT, make_blind
from scorp_train.evaluation.measured_images import collect


@pytest.fixture(scope="module")
def collections(held_out, drawn, judge):
    images, labels = held_out
    return collect(images, labels, judge), collect(drawn.test.images, drawn.test.labels, judge)


def result(path, page, calls):
    answers = [{"trial": trial, "generated": call, "ms": 900} for trial, call in enumerate(calls)]
    path.write_text(json.dumps({"format": FORMAT, "page": page, "answers": answers}))
    return path


def test_the_page_asks_nobody_and_holds_no_answers(collections):
    blind = make_blind(*collections, 20, seed=1)
    assert "http" not in blind.html
    assert blind.page in blind.html
    assert sum(blind.generated) == len(blind.generated) / 2 == 10
    shuffled = make_blind(*collections, 20, seed=2)
    assert shuffled.generated != blind.generated
    assert make_blind(*collections, 20, seed=1) == blind
    # The same length and markup whatever the answers are.
    assert len(shuffled.html) == len(blind.html)


def test_answers_are_summed_up(tmp_path, collections):
    blind = make_blind(*collections, 20, seed=1)
    perfect = result(tmp_path / "a.json", blind.page, blind.generated)
    fooled = result(tmp_path / "b.json", blind.page, [False] * 20)
    answers = [read_answers(path, blind.page, 20) for path in (perfect, fooled)]
    called_real, accuracy = people_section(answers, blind.generated).figures
    assert called_real.value == 0.5
    assert called_real.real == 1
    assert accuracy.value == 0.75
    assert people_section(answers, blind.generated).details["median_seconds"] == pytest.approx(0.9)


def test_people_who_cannot_tell_find_the_digits_as_real(tmp_path):
    generated = [True, False] * 50
    calls = np.random.default_rng(0).random(100) < 0.5
    path = result(tmp_path / "a.json", "p", [bool(call) for call in calls])
    figures = people_section([read_answers(path, "p", 100)], generated).figures
    assert [figure.verdict.value for figure in figures] == ["as real", "as real"]


def test_people_who_can_tell_do_not(tmp_path):
    generated = [True, False] * 50
    figures = people_section(
        [read_answers(result(tmp_path / "a.json", "p", generated), "p", 100)], generated
    ).figures
    assert [figure.verdict.value for figure in figures] == ["short of real", "short of real"]


@pytest.mark.fault(
    "scorp-eval", "`--human` with a file that is no result, or of another page", "exit 1, naming it"
)
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
def test_results_that_do_not_belong_are_refused(tmp_path, text):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"result\.json") as caught:
        read_answers(path, "p", 5)
    assert "\n" not in str(caught.value)


def test_no_answers_are_no_figures():
    with pytest.raises(DataError, match="no answers"):
        people_section([[]], [True, False])

"""Measured figures in tables of the documents tell the day, the command and, if they are of speed, the machine.

And each is held to something: to what a command prints or printed (`release/tables.py`), or to a file by a test.
"""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = runpy.run_path(str(ROOT / "release/tables.py"))
PRINTED: re.Pattern[str] = TABLES["PRINTED"]
DOCUMENTS = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]

_MATRIX = re.compile(r"<!-- failure matrix: begin.*?end -->", re.DOTALL)
_UNIT = r"(?: %| px| degrees| kB| MB| ms| us| bytes)"
_FIGURE = re.compile(rf"\| [-+]?(?:\d*\.\d+|\d[\d,]*){_UNIT}?(?:,| \|| ±)")
_SPEED = re.compile(r"\b\d[\d.,]* (?:us|ms|s|seconds|minutes)\b|\bper second\b|\| (?:us|ms|s|minutes) ")
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_COMMAND = re.compile(r"`(?:python|scorp-\w+|npm) [^`]+`|^```|\bno command\s+repeats", re.MULTILINE)
_MACHINE = re.compile(r"\bXeon\b|\bEPYC\b|\bprocessor\b[^.]* was not noted")


def measured() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each section with figures in a table, after what its document begins with."""
    for document in DOCUMENTS:
        head, *sections = re.split(
            r"^## ", _MATRIX.sub("", (ROOT / document).read_text("utf-8")), flags=re.MULTILINE
        )
        for section in sections:
            name = f"{document.removeprefix('docs/')}: {section.splitlines()[0]}"
            if _FIGURE.search(section):
                yield name, head + section


SECTIONS = dict(measured())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_measured_figure_tells_where_it_comes_from(name: str) -> None:
    assert _DATE.search(SECTIONS[name])
    assert _COMMAND.search(SECTIONS[name])
    assert _MACHINE.search(SECTIONS[name]) or not _SPEED.search(SECTIONS[name])


def test_such_figures_are_found() -> None:
    assert {
        "README.md: How good is it?",
        "performance.md: Drawing",
        "evaluation.md: Strokes",
    } <= SECTIONS.keys()


HELD = {
    "README.md: How good is it?": "test_the_readme_tells_the_scores_of_the_card",
    "letters.md: The judge, and what `scorp-eval` says": "test_digits_of_the_letters_model_are_told_as_reported",
    "performance.md: Promises": "test_promises_of_speed_are_told_as_measured",
    "performance.md: Drawing": "test_drawing_is_as_fast_as_in_the_run",
    "performance.md: The limit": "test_where_the_time_goes_is_told_as_measured",
    "performance.md: Peers": "test_peers_are_as_fast_as_in_the_run",
    "training.md: Where the time goes": "test_the_released_training_took_what_its_log_says",
}
"""Sections whose tables no command prints, and the test that holds them to a file."""

LOG = "experiments.md"
"""What was tried, once; its last row of digits is the released model's, which a test compares."""


def test_every_measured_table_is_held_to_something() -> None:
    loose = {
        name
        for name, text in SECTIONS.items()
        if not name.startswith(LOG) and _FIGURE.search(PRINTED.sub("", text))
    }
    assert loose == HELD.keys()
    tests = (ROOT / "tests/docs/test_figures.py").read_text("utf-8")
    assert all(f"def {test}(" in tests for test in HELD.values())


RECORDED = [
    pytest.param(name, match, id=f"{match['command']}, {match['place']}")
    for name, text in SECTIONS.items()
    for match in PRINTED.finditer(text)
    if match["recorded"]
]


@pytest.mark.parametrize(("name", "match"), RECORDED)
def test_a_table_is_what_its_command_printed(name: str, match: re.Match[str]) -> None:
    record = ROOT / "docs/measured" / f"{TABLES['record_name'](match['command'])}.md"
    head, *tables = re.split(r"\n\n+", record.read_text("utf-8").rstrip("\n"))
    assert match["table"].rstrip("\n") == tables[int(match["place"]) - 1]
    (day,) = _DATE.findall(head)
    assert day in SECTIONS[name]
    assert any(processor in SECTIONS[name] for processor in ("EPYC", "Xeon") if processor in head)


def test_each_record_is_shown() -> None:
    shown = {TABLES["record_name"](match["command"]) for match in (param.values[1] for param in RECORDED)}
    assert shown == {path.stem for path in (ROOT / "docs/measured").glob("*.md")}

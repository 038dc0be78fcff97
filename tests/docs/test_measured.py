"""Measured figures in tables of the documents tell the day, the command and, if they are of speed, the machine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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

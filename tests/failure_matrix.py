"""The failure matrix: what goes wrong, and what happens then, as the tests say it.

A test, or one case of a test, says which fault it causes:

    @pytest.mark.fault("scorp-gen", "a count of 10**12", "one line, exit 2")
    pytest.param(..., marks=pytest.mark.fault("scorp-gen", "a folder where a file is due", "one line, exit 1"))

The three words are where (a command, or a function of the Python API), what is wrong, and what happens; they are
Markdown, each on one line. A test may bear several marks; the same three words twice are one row. No test bears a mark
that it does not earn: it asserts what the mark says.

    python tests/failure_matrix.py           compares docs/reliability.md with the tests; exit 1 where they differ
    python tests/failure_matrix.py --write   writes the tables into docs/reliability.md

`tests/test_failure_matrix.py` runs the comparison.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- failure matrix: begin -->\n", "<!-- failure matrix: end -->\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, and the test file that causes it."""

    where: str
    wrong: str
    happens: str
    test: str

    @classmethod
    def of(cls, mark: pytest.Mark, test: str) -> "Row":
        """Reads a mark; anything but three lines of text is refused."""
        words = [word for word in mark.args if isinstance(word, str) and word.strip() and "\n" not in word]
        if mark.kwargs or len(mark.args) != 3 or len(words) != 3:
            raise pytest.UsageError(f"{test}: not fault(where, wrong, happens): {mark.args}")
        return cls(*words, test)

    def line(self) -> str:
        """The row as Markdown."""
        cells = (cell.replace("|", r"\|") for cell in (self.wrong, self.happens, f"`{self.test}`"))
        return f"| {' | '.join(cells)} |"


class Collector:
    """A plugin of pytest that gathers the rows of all tests that it finds."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Reads the marks, in the order of the tests."""
        for item in session.items:
            test = item.path.relative_to(ROOT / "tests").as_posix()
            self.rows += [Row.of(mark, test) for mark in item.iter_markers("fault")]


def collect() -> list[Row]:
    """The rows of all tests, each once."""
    collector = Collector()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(["--collect-only", "-qqq", f"--rootdir={ROOT}", str(ROOT / "tests")], [collector])
    if code != pytest.ExitCode.OK:
        sys.exit(f"the tests could not be collected:\n{said.getvalue()}")
    return list(dict.fromkeys(collector.rows))


def tables(rows: Iterable[Row]) -> str:
    """One table for each place, the places sorted."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.where, []).append(row)
    count = sum(map(len, groups.values()))
    text = f"\n{count} faults, each caused by a test.\n"
    for where in sorted(groups):
        lines = "\n".join(row.line() for row in groups[where])
        text += f"\n### {where}\n\n| what is wrong | what happens | test |\n| --- | --- | --- |\n{lines}\n"
    return text + "\n"


def main() -> None:
    """Compares, or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the tables into docs/reliability.md")
    options = parser.parse_args()
    rows = collect()
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not end:
        sys.exit(f"{DOCUMENT} lacks the marks of the matrix")
    renewed = head + BEGIN + tables(rows) + END + tail
    if options.write:
        DOCUMENT.write_text(renewed, encoding="utf-8")
    elif renewed != text:
        sys.exit(f"{DOCUMENT} is not what the tests say: python tests/failure_matrix.py --write")
    print(f"{len(rows)} faults")


if __name__ == "__main__":
    main()

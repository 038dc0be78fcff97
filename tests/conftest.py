"""`pytest tests --faults --collect-only -q` prints a table of the faults that tests cause, from their `fault` marks."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--faults", action="store_true", help="print the faults that the tests cause, as Markdown"
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.getoption("faults"):
        rows = {
            (*mark.args, item.path.name): None
            for item in session.items
            for mark in item.iter_markers("fault")
        }
        print("\n| where | what is wrong | what happens | test |\n| --- | --- | --- | --- |")
        print(*(f"| {' | '.join(row)} |" for row in sorted(rows)), sep="\n")

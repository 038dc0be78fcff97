"""The metrics of a report are written into the card of the same model, once."""

from pathlib import Path

import pytest

from scorp_train.errors import UsageError
from scorp_train.evaluation.card_section import HEADING, read_card, write_section

CARD = (
    "# digits 1.2.3\n\nA generator.\n\n## Scores, measured at export\n\n| a | b |\n\n## Use\n\nAs you like.\n"
)
FIELDS = {
    "source": {"name": "digits", "version": "1.2.3"},
    "settings": {"count": 10_000, "seed": 0, "data": "mnist"},
    "summary": {"diagnostics": 11, "diagnostics_passed": 11, "compared": 2, "as_real": 1},
    "figures": {
        "recall": {"value": 0.9, "real": 0.95, "spread": 0.015, "verdict": "short of real", "unit": ""},
        "thickness_error": {"value": 0.123, "real": None, "spread": None, "verdict": "no baseline", "unit": "px"},
    },
}  # fmt: skip


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "digits.md"
    path.write_text(CARD)
    return path


def test_the_section_precedes_use_and_the_rest_is_kept(card: Path) -> None:
    write_section(card, FIELDS)
    text = card.read_text()
    before, after = text.split(HEADING)
    assert before + after[after.index("## Use") :] == CARD
    assert "| recall | 0.9 | 0.95 | 0.015 |  |" in after
    assert "| thickness_error | 0.123 px | - | - |  |" in after


def test_a_newer_report_replaces_an_older_one(card: Path) -> None:
    write_section(card, FIELDS)
    once = card.read_text()
    write_section(card, FIELDS)
    assert card.read_text() == once


def test_the_card_of_another_model_is_not_changed(card: Path) -> None:
    with pytest.raises(UsageError, match=r"digits 2\.0\.0"):
        write_section(card, FIELDS | {"source": {"name": "digits", "version": "2.0.0"}})
    assert card.read_text() == CARD


def test_a_file_that_is_not_a_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# notes\n")
    with pytest.raises(UsageError, match="not a model card"):
        read_card(tmp_path / "notes.md")

"""The metrics of a report as a section of a model card."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import atomic_file
from scorp_train.errors import UsageError
from scorp_train.templating import render

HEADING = "## Measured by `scorp-eval`"
NEXT = "## Use"
"""The heading that every card has, and that the section precedes."""


def read_card(path: Path) -> str:
    """Return the text of a card. Raises `UsageError` if the file is not a card."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the card {path}: {error}") from error
    if NEXT not in text.splitlines():
        raise UsageError(f"{path} is not a model card: it has no line {NEXT!r}")
    return text


def write_section(path: Path, fields: Mapping[str, Any]) -> None:
    """Write the metrics of a report's fields into a card, replacing those of an earlier report.

    Raises `UsageError` if the card is of another model.
    """
    text, source = read_card(path), fields["source"]
    title = f"# {source['name']} {source.get('version', '')}".rstrip()
    if title not in text.splitlines():
        raise UsageError(f"{path} is not the card of {title.removeprefix('# ')}")
    text = re.sub(rf"^{re.escape(HEADING)}\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    section = render("scorp_train.evaluation", "card_section.md.j2", heading=HEADING, **fields) + "\n"
    with atomic_file(path) as stream:
        stream.write(text.replace(f"\n{NEXT}\n", f"\n{section}{NEXT}\n", 1).encode())

"""The metrics of a report as a section of a model card."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import atomic_file
from scorp_train.errors import UsageError

from .templating import render

HEADING = "## Measured by `scorp-eval`"
# The section goes in front of this one, which every card has.
NEXT = "## Use"


def read_card(path: Path) -> str:
    """The text of a card. Raises `UsageError` when the file is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the card {path}: {error}") from error
    if NEXT not in text.splitlines():
        raise UsageError(f"{path} is no model card: it has no line {NEXT!r}")
    return text


def write_section(path: Path, fields: Mapping[str, Any]) -> None:
    """Put the figures of a report's fields into a card, in place of what an earlier report said.

    Raises `UsageError` when the card is another model's.
    """
    text, source = read_card(path), fields["source"]
    title = f"# {source['name']} {source.get('version', '')}".rstrip()
    if text.splitlines()[0] != title:
        raise UsageError(f"{path} is not the card of {title.removeprefix('# ')}")
    text = re.sub(rf"^{re.escape(HEADING)}\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    section = render("card_section.md.j2", heading=HEADING, **fields) + "\n"
    with atomic_file(path) as stream:
        stream.write(text.replace(f"\n{NEXT}\n", f"\n{section}{NEXT}\n", 1).encode())

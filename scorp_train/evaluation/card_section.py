"""All figures of a report as a section of a model's card."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scorp_runtime.atomic import whole_file
from scorp_train.errors import UsageError
from scorp_train.evaluation.table import format_number, format_spread

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
    if title not in text.splitlines():
        raise UsageError(f"{path} is not the card of {title.removeprefix('# ')}")
    text = re.sub(rf"^{re.escape(HEADING)}\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    section = "\n".join(_lines(fields)) + "\n\n"
    with whole_file(path) as stream:
        stream.write(text.replace(f"\n{NEXT}\n", f"\n{section}{NEXT}\n", 1).encode())


def _lines(fields: Mapping[str, Any]) -> Iterator[str]:
    settings, summary = fields["settings"], fields["summary"]
    yield HEADING
    yield ""
    images = f"{settings['count']:,} images of seed {settings['seed']}"
    yield f"{images}, compared with the test images of {settings['data']}."
    yield "`real` is the same measure for real training images, `±` what may differ by chance."
    passed = f"{summary['diagnostics_passed']} of {summary['diagnostics']} diagnostics passed"
    yield f"{passed}; {summary['as_real']} of {summary['compared']} figures are as good as real (=)."
    yield ""
    yield "| figure | value | real | ± | |"
    yield "| --- | --- | --- | --- | --- |"
    for name, figure in fields["figures"].items():
        value = f"{format_number(figure['value'])} {figure['unit']}".rstrip()
        spread = format_spread(figure["spread"]) if figure["real"] is not None else "-"
        mark = "=" if figure["verdict"] == "as real" else ""
        yield f"| {name} | {value} | {format_number(figure['real'])} | {spread} | {mark} |"

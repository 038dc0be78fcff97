"""The boxes of characters as a CSV table, one row per character of each page."""

import csv
from pathlib import Path

from ..sequence import Page

COLUMNS = (
    "file_name",
    "position",
    "character",
    "line",
    "x",
    "y",
    "width",
    "height",
    "seed",
    "index",
    "writer",
)


def write(pages: list[tuple[str, Page]], path: Path) -> None:
    """Write the table of pages, each with the name of its picture; x and y are the left and top pixel."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        for file_name, page in pages:
            for character in page.characters:
                box = character.box
                place = (character.position, character.text, character.line)
                corners = (box.x, box.y, box.width, box.height)
                table.writerow((file_name, *place, *corners, page.seed, page.index, page.writer))

"""The boxes of characters as a CSV table, one row per character of each page."""

import csv
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from scorp_runtime.files.bounded import open_text

COLUMNS = (
    *("file_name", "position", "character", "line", "x", "y", "width", "height"),
    *("seed", "index", "writer"),
)


def box_rows(file_name: str, said: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a page; x and y are the left and top pixel.

    Args:
        file_name: of its picture.
        said: of the page, as `Sample.said` has it.
    """
    objects = said["objects"]
    columns = (objects[name] for name in ("position", "character", "line", "bbox"))
    for position, character, line, box in zip(*columns, strict=True):
        yield file_name, position, character, line, *box, said["seed"], said["index"], said["writer"]


def read_boxes(path: Path, categories: list[str]) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """Yield, for each page of a table, the name of its picture and its characters as `Sample.said` has them.

    Raises:
        ValueError: if the table is not that of `box_rows`.
    """
    with open_text(path) as stream:
        table = csv.reader(stream)
        if tuple(next(table, ())) != COLUMNS:
            raise ValueError(f"{path.name} has other columns")
        for file_name, rows in groupby(table, lambda row: row[0] if row else ""):
            columns = list(zip(*rows, strict=True))[: len(COLUMNS) - 3]
            _, positions, characters, lines, *sides = columns
            yield (
                file_name,
                {
                    "character": list(characters),
                    "category": [categories.index(character) for character in characters],
                    "position": list(map(int, positions)),
                    "line": list(map(int, lines)),
                    "bbox": [list(map(int, box)) for box in zip(*sides, strict=True)],
                },
            )

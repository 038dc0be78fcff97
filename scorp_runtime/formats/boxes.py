"""The boxes of characters on pages: as a CSV table, as COCO annotations, and as `.box` files for Tesseract."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, groupby
from pathlib import Path
from typing import Any

from .tables import read_table

COLUMNS = (
    *("file_name", "position", "character", "line", "x", "y", "width", "height"),
    *("seed", "index", "writer"),
)
"""The columns of the CSV table; x and y are the left and top pixel."""

Objects = Mapping[str, list[Any]]
"""The characters of a page, column by column, as in `Sample.fields`."""


def box_rows(file_name: str, fields: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield a row per character of a page; `fields` is `Sample.fields`."""
    objects = fields["objects"]
    columns = (objects[name] for name in ("position", "character", "line", "bbox"))
    for position, character, line, box in zip(*columns, strict=True):
        yield file_name, position, character, line, *box, fields["seed"], fields["index"], fields["writer"]


def read_boxes(path: Path, categories: list[str]) -> Iterator[tuple[str, Objects]]:
    """Yield, for each page of a table, the name of its PNG file and its `objects` as in `Sample.fields`."""
    for file_name, rows in groupby(read_table(path, COLUMNS), lambda row: row[0] if row else ""):
        columns = list(zip(*rows, strict=True))[: len(COLUMNS) - 3]
        _, positions, characters, lines, *sides = columns
        objects = {
            "character": list(characters),
            "category": [categories.index(character) for character in characters],
            "position": list(map(int, positions)),
            "line": list(map(int, lines)),
            "bbox": [list(map(int, box)) for box in zip(*sides, strict=True)],
        }
        yield file_name, objects


def coco_lines(
    sizes: Iterable[tuple[str, int, int]], boxes: Iterable[tuple[str, Objects]], categories: list[str]
) -> Iterator[str]:
    """Yield the lines of a COCO document (Lin et al. 2014), in constant memory; ids count from 1.

    `sizes` has file name, width and height of each page; `boxes` has file name and characters.
    """
    ids = [{"id": number, "name": name} for number, name in enumerate(categories, 1)]
    yield f'{{"categories": {json.dumps(ids, ensure_ascii=False)},\n'
    yield '"images": [\n'
    yield from _entries(
        {"id": number, "file_name": file_name, "width": width, "height": height}
        for number, (file_name, width, height) in enumerate(sizes, 1)
    )
    yield "],\n"
    yield '"annotations": [\n'
    yield from _entries(_annotations(boxes))
    yield "]}\n"


def _annotations(boxes: Iterable[tuple[str, Objects]]) -> Iterator[dict[str, object]]:
    ids = count(1)
    for image_id, (_, objects) in enumerate(boxes, 1):
        for category, box in zip(objects["category"], objects["bbox"], strict=True):
            yield {
                "id": next(ids),
                "image_id": image_id,
                "category_id": category + 1,
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
            }


def _entries(entries: Iterable[dict[str, object]]) -> Iterator[str]:
    """Yield one line per entry, with a comma after each but the last."""
    before = ""
    for entry in entries:
        if before:
            yield before + ",\n"
        before = json.dumps(entry, ensure_ascii=False)
    yield before + "\n"


def box_text(objects: Objects, height: int) -> str:
    """Return the Tesseract lines of a page, `character left bottom right top page`.

    Coordinates are edges between pixels, counted from the lower left corner of a page of `height` px.
    """
    lines = []
    for character, (x, y, width, box_height) in zip(objects["character"], objects["bbox"], strict=True):
        bottom, top = height - y - box_height, height - y
        lines.append(f"{character} {x} {bottom} {x + width} {top} 0\n")
    return "".join(lines)

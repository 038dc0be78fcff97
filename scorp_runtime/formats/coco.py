"""The boxes of characters as COCO annotations (Lin et al. 2014), as detection tools read them."""

import json
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

Sizes = Iterable[tuple[str, int, int]]
"""File name, width and height of each page's picture."""

Boxes = Iterable[tuple[str, dict[str, list[Any]]]]
"""File name of each page's picture and its characters, as `Sample.said` has them; the pages are those of `Sizes`."""


def coco_lines(sizes: Sizes, boxes: Boxes, categories: list[str]) -> Iterator[str]:
    """Yield the lines of a document of `images`, `annotations` and `categories`, one entry each, in constant memory.

    Ids count from 1; boxes are [x, y, width, height].
    """
    named = [{"id": number, "name": name} for number, name in enumerate(categories, 1)]
    yield f'{{"categories": {json.dumps(named, ensure_ascii=False)},\n'
    yield '"images": [\n'
    yield from _entries(
        {"id": number, "file_name": file_name, "width": width, "height": height}
        for number, (file_name, width, height) in enumerate(sizes, 1)
    )
    yield "],\n"
    yield '"annotations": [\n'
    yield from _entries(_annotations(boxes))
    yield "]}\n"


def _annotations(boxes: Boxes) -> Iterator[dict[str, object]]:
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
    before = ""
    for entry in entries:
        if before:
            yield before + ",\n"
        before = json.dumps(entry, ensure_ascii=False)
    yield before + "\n"

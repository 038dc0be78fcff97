"""The boxes of characters as COCO annotations (Lin et al. 2014), as detection tools read them."""

import json
from pathlib import Path

from ..sequence import Page


def write(pages: list[tuple[str, Page]], categories: list[str], path: Path) -> None:
    """Write `images`, `annotations` and `categories`; ids count from 1, boxes are [x, y, width, height].

    Args:
        pages: each with the name of its picture.
        categories: the characters that may occur.
        path: of the file.
    """
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for image_id, (file_name, page) in enumerate(pages, 1):
        height, width = page.image.shape
        images.append({"id": image_id, "file_name": file_name, "width": width, "height": height})
        for character in page.characters:
            box = character.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": categories.index(character.text) + 1,
                    "bbox": [box.x, box.y, box.width, box.height],
                    "area": box.width * box.height,
                    "iscrowd": 0,
                }
            )
    document = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(categories, 1)],
    }
    path.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")

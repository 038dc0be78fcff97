"""The boxes of a page as a `.box` file for training Tesseract: `character left bottom right top page`."""

from collections.abc import Mapping
from typing import Any


def box_text(objects: Mapping[str, list[Any]], height: int) -> str:
    """Return a line per character; coordinates are edges between pixels, counted up from the lower left corner.

    Args:
        objects: the characters of a page, as `Sample.said` has them.
        height: of the page, in px.
    """
    lines = []
    for character, (x, y, width, tall) in zip(objects["character"], objects["bbox"], strict=True):
        bottom, top = height - y - tall, height - y
        lines.append(f"{character} {x} {bottom} {x + width} {top} 0\n")
    return "".join(lines)

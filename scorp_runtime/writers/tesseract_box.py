"""The boxes of a page as a `.box` file for training Tesseract: `character left bottom right top page`."""

from pathlib import Path

from ..sequence import Page


def write(page: Page, path: Path) -> None:
    """Write a line per character; coordinates are edges between pixels, counted up from the lower left corner."""
    height = page.image.shape[0]
    lines = []
    for character in page.characters:
        box = character.box
        bottom, top = height - box.y - box.height, height - box.y
        lines.append(f"{character.text} {box.x} {bottom} {box.x + box.width} {top} 0\n")
    path.write_text("".join(lines), encoding="utf-8")

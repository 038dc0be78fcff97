"""A folder of written pages: a PNG and a Tesseract `.box` file each, and the boxes of all as CSV and COCO."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..sequence import Page
from ..strokes import MARKS
from . import boxes_csv, coco, tesseract_box
from .picture import save_png

CSV, COCO = "boxes.csv", "coco.json"


def write(pages: Iterable[Page], classes: tuple[str, ...], folder: Path, *, invert: bool) -> None:
    """Write `<index>.png`, `<index>.box`, `boxes.csv` and `coco.json` into an empty folder."""
    named = []
    for page in pages:
        name = f"{page.index:08}.png"
        save_png(255 - page.image if invert else page.image, folder / name, None)
        tesseract_box.write(page, (folder / name).with_suffix(".box"))
        # The pixels are on the disk; the tables need but the size.
        named.append((name, replace(page, image=np.broadcast_to(np.uint8(0), page.image.shape))))
    boxes_csv.write(named, folder / CSV)
    coco.write(named, [*classes, *sorted(MARKS)], folder / COCO)


def is_ours(folder: Path) -> bool:
    """Tell whether a folder was written by this module, and so may be replaced by it."""
    try:
        with (folder / CSV).open(encoding="utf-8") as stream:
            return stream.readline().rstrip("\n") == ",".join(boxes_csv.COLUMNS)
    except (OSError, UnicodeDecodeError):
        return False

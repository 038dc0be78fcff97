"""A folder of written pages: a PNG and a Tesseract `.box` file each, and the boxes of all as CSV and COCO."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..model_info import ModelInfo
from ..sequence import Page
from ..strokes import MARKS
from . import boxes_csv, coco, tesseract_box
from .picture import model_name, save_png

CSV, COCO = "boxes.csv", "coco.json"


def write(pages: Iterable[Page], info: ModelInfo, model_sha256: str, folder: Path, *, invert: bool) -> None:
    """Write `<index>.png`, `<index>.box`, `boxes.csv` and `coco.json` into an empty folder."""
    named = []
    for page in pages:
        name = f"{page.index:08}.png"
        save_page(page, folder / name, info, model_sha256, invert=invert)
        tesseract_box.write(page, (folder / name).with_suffix(".box"))
        # The pixels are on the disk; the tables need but the size.
        named.append((name, replace(page, image=np.broadcast_to(np.uint8(0), page.image.shape))))
    boxes_csv.write(named, folder / CSV)
    coco.write(named, [*info.classes, *sorted(MARKS)], folder / COCO)


def save_page(
    page: Page, target: BinaryIO | Path, info: ModelInfo, model_sha256: str, *, invert: bool
) -> None:
    """Write the picture of a page, with its address, as `save_png` does."""
    address: dict[str, object] = {
        "model": model_name(info, model_sha256),
        "seed": str(page.seed),
        "index": str(page.index),
        "writer": str(page.writer),
        "text": page.text,
    }
    save_png(255 - page.image if invert else page.image, target, None, address)


def is_ours(folder: Path) -> bool:
    """Tell whether a folder was written by this module, and so may be replaced by it."""
    try:
        with (folder / CSV).open(encoding="utf-8") as stream:
            return stream.readline().rstrip("\n") == ",".join(boxes_csv.COLUMNS)
    except (OSError, UnicodeDecodeError):
        return False

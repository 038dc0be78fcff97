"""A folder of pages: a PNG and a Tesseract `.box` file each, a table of them, and the boxes of all as CSV and COCO."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import open_text, read_regular
from scorp_runtime.files.decoding import decoding

from .boxes_csv import COLUMNS as BOX_COLUMNS
from .boxes_csv import box_rows, read_boxes
from .coco import coco_lines
from .page_job import page_categories
from .png_codec import read_png, save_png
from .stored import Stored
from .tables import file_names, inside, join_tables
from .tesseract_box import box_text

if TYPE_CHECKING:
    from .page_job import PageJob

TABLE, BOXES, COCO = "metadata.csv", "boxes.csv", "coco.json"
COLUMNS = ("file_name", "text", "width", "height", "seed", "index", "writer")


def check(job: "PageJob") -> None:
    """Every job suits."""


def write(job: "PageJob", folder: Path) -> None:
    """Write `<index>.png` and `<index>.box`, `metadata.csv` and `boxes.csv`; `gather` adds `coco.json`."""
    with (
        (folder / TABLE).open("w", encoding="utf-8", newline="") as pages,
        (folder / BOXES).open("w", encoding="utf-8", newline="") as boxes,
    ):
        page_table, box_table = (csv.writer(stream, lineterminator="\n") for stream in (pages, boxes))
        page_table.writerow(COLUMNS)
        box_table.writerow(BOX_COLUMNS)
        for sample in job.samples():
            file_name, said = f"{sample.name}.png", sample.said
            height, width = sample.image.shape
            save_png(sample.image, folder / file_name, sample.address)
            (folder / f"{sample.name}.box").write_text(box_text(said["objects"], height), encoding="utf-8")
            page_table.writerow(
                (file_name, said["text"], width, height, said["seed"], said["index"], said["writer"])
            )
            box_table.writerows(box_rows(file_name, said))


def gather(pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
    """Move the pages of the pieces, each of them written by `write`, into one folder, and join their tables."""
    for piece in pieces:
        for source in piece.iterdir():
            if source.suffix in (".png", ".box"):
                source.replace(folder / source.name)
    for name in (TABLE, BOXES):
        join_tables(pieces, name, folder)
    with atomic_file(folder / COCO) as stream:
        stream.writelines(line.encode() for line in _coco(folder, classes))


def read(folder: Path, first: int, count: int, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield the pages in rows `first ...` of the table.

    Raises:
        DatasetError: if a file is missing or damaged, or two of them disagree.
    """
    with decoding(DatasetError, f"{TABLE} or {BOXES}"):
        boxes = read_boxes(folder / BOXES, page_categories(classes))
        for row, (named, objects) in islice(zip(_rows(folder), boxes, strict=False), first, first + count):
            if named != row[0]:
                raise DatasetError(f"{row[0]} of {TABLE} is {named} in {BOXES}")
            yield _page(folder, row, objects)


def _page(folder: Path, row: list[str], objects: dict[str, list[Any]]) -> Stored:
    with decoding(DatasetError, f"{TABLE}, {','.join(row)[:80]!r}"):
        file_name, text, width, height, seed, index, writer = row
        image = read_png(inside(folder, file_name))
        box_file = (folder / file_name).with_suffix(".box")
        told = read_regular(box_file)
        numbers = {"seed": int(seed), "index": int(index), "writer": int(writer)}
        if image.shape != (int(height), int(width)):
            raise DatasetError(f"{file_name} has another size than in {TABLE}")
    if told != box_text(objects, image.shape[0]).encode():
        raise DatasetError(f"{box_file.name} has other boxes than {BOXES}")
    return Stored(file_name, image, {"text": text, **numbers, "objects": objects})


def check_whole(folder: Path, count: int, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if there are other PNG files, or `coco.json` is not what the tables make of it."""
    files = sum(1 for _ in folder.glob("*.png"))
    if files != count:
        raise DatasetError(f"{folder} has {files} PNG files, not {count}")
    with decoding(DatasetError, f"{TABLE}, {BOXES} or {COCO}"), open_text(folder / COCO) as stream:
        for number, (line, made) in enumerate(zip_longest(stream, _coco(folder, classes)), 1):
            if line != made:
                raise DatasetError(f"line {number} of {COCO} is not what {TABLE} and {BOXES} make of it")


def files(folder: Path) -> set[str]:
    """Return the names of the tables, and of the pictures and boxes of each page."""
    pages = file_names(folder / TABLE)
    return {TABLE, BOXES, COCO, *pages, *(f"{Path(page).stem}.box" for page in pages)}


def _coco(folder: Path, classes: Sequence[str]) -> Iterator[str]:
    categories = page_categories(classes)
    sizes = ((row[0], int(row[2]), int(row[3])) for row in _rows(folder))
    return coco_lines(sizes, read_boxes(folder / BOXES, categories), categories)


def _rows(folder: Path) -> Iterator[list[Any]]:
    with open_text(folder / TABLE) as stream:
        table = csv.reader(stream)
        if tuple(next(table, ())) != COLUMNS:
            raise ValueError(f"{TABLE} has other columns")
        yield from table

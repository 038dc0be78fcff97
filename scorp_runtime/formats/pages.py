"""Format `pages`: a PNG and a Tesseract `.box` file per page, a table of the pages, and all boxes as CSV and COCO."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import open_text, read_regular
from scorp_runtime.files.decoding import decoding

from . import boxes
from .format import Format, Shard, StoredSample
from .page_job import PageJob, page_categories
from .png import png_bytes, read_png
from .tables import file_inside, file_names, join_tables, read_table

TABLE, BOXES, COCO = "metadata.csv", "boxes.csv", "coco.json"
COLUMNS = ("file_name", "text", "width", "height", "seed", "index", "writer")


class PagesFormat(Format[PageJob]):
    """Files `<index>.png`, `<index>.box`, `metadata.csv`, `boxes.csv` and `coco.json`."""

    page_files = (
        "`<index>.png` and, for Tesseract, `<index>.box`; `metadata.csv` with a row per page; the boxes of all\n"
        "  characters in `boxes.csv` and, for detection tools, in `coco.json`"
    )
    data_files = ("*.png", "metadata.csv")
    has_csv_table = True

    def write(self, job: PageJob, piece: Path, shard: Shard) -> None:
        """Write everything but `coco.json`, which `gather` adds."""
        with (
            (piece / TABLE).open("w", encoding="utf-8", newline="") as pages,
            (piece / BOXES).open("w", encoding="utf-8", newline="") as characters,
        ):
            page_table = csv.writer(pages, lineterminator="\n")
            box_table = csv.writer(characters, lineterminator="\n")
            page_table.writerow(COLUMNS)
            box_table.writerow(boxes.COLUMNS)
            for sample in job.samples():
                file_name, fields = f"{sample.name}.png", sample.fields
                height, width = sample.image.shape[:2]
                (piece / file_name).write_bytes(png_bytes(sample.image, sample.address))
                box_file = piece / f"{sample.name}.box"
                box_file.write_text(boxes.box_text(fields["objects"], height), encoding="utf-8")
                numbers = (fields[name] for name in ("seed", "index", "writer"))
                page_table.writerow((file_name, fields["text"], width, height, *numbers))
                box_table.writerows(boxes.box_rows(file_name, fields))

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        """Move the pages of all pieces into the folder, join the tables, and write `coco.json`."""
        for piece in pieces:
            for source in piece.iterdir():
                if source.suffix in (".png", ".box"):
                    source.replace(folder / source.name)
        for name in (TABLE, BOXES):
            join_tables(pieces, name, folder)
        with atomic_file(folder / COCO) as stream:
            stream.writelines(line.encode() for line in _coco(folder, classes))

    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        with decoding(DatasetError, f"{TABLE} or {BOXES}"):
            pages = boxes.read_boxes(folder / BOXES, page_categories(classes))
            rows = zip(read_table(folder / TABLE, COLUMNS), pages, strict=False)
            for row, (file_name, objects) in islice(rows, shard.samples.start, shard.samples.stop):
                if file_name != row[0]:
                    raise DatasetError(f"{row[0]} of {TABLE} is {file_name} in {BOXES}")
                yield _page(folder, row, objects)

    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        """Raise `DatasetError` if there are other PNG files, or `coco.json` does not match the tables."""
        count = shards[-1].samples.stop
        files = sum(1 for _ in folder.glob("*.png"))
        if files != count:
            raise DatasetError(f"{folder} has {files} PNG files, not {count}")
        with decoding(DatasetError, f"{TABLE}, {BOXES} or {COCO}"), open_text(folder / COCO) as stream:
            for number, (line, expected) in enumerate(zip_longest(stream, _coco(folder, classes)), 1):
                if line != expected:
                    raise DatasetError(f"line {number} of {COCO} does not match {TABLE} and {BOXES}")

    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        pages = file_names(folder / TABLE)
        return {TABLE, BOXES, COCO, *pages, *(f"{Path(page).stem}.box" for page in pages)}


def _page(folder: Path, row: list[str], objects: boxes.Objects) -> StoredSample:
    with decoding(DatasetError, f"{TABLE}, {','.join(row)[:80]!r}"):
        file_name, text, width, height, seed, index, writer = row
        image = read_png(file_inside(folder, file_name))
        box_file = (folder / file_name).with_suffix(".box")
        content = read_regular(box_file)
        numbers = {"seed": int(seed), "index": int(index), "writer": int(writer)}
        if image.shape[:2] != (int(height), int(width)):
            raise DatasetError(f"{file_name} and {TABLE} have different sizes")
    if content != boxes.box_text(objects, image.shape[0]).encode():
        raise DatasetError(f"{box_file.name} and {BOXES} have different boxes")
    return StoredSample(file_name, image, {"text": text, **numbers, "objects": objects})


def _coco(folder: Path, classes: Sequence[str]) -> Iterator[str]:
    categories = page_categories(classes)
    sizes = ((row[0], int(row[2]), int(row[3])) for row in read_table(folder / TABLE, COLUMNS))
    return boxes.coco_lines(sizes, boxes.read_boxes(folder / BOXES, categories), categories)


FORMAT = PagesFormat()

"""A folder: one PNG file per picture in a folder per class, and a table of all of them."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ..atomic import whole_file
from ..errors import DatasetError
from . import png_files
from .job import Job, Picture
from .picture import picture_address, read_png, save_png
from .stored import Stored

TABLE = "metadata.csv"
COLUMNS = ("file_name", "label", "seed", "index")
"""The first columns of the table; `writer` follows if one was asked for, then one per knob."""

check = png_files.check


def write(job: Job, folder: Path) -> None:
    """Write `<class>/<index>.png` and `metadata.csv`; file names come from addresses and sort like them."""
    for name in job.info.classes:
        (folder / name).mkdir()
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        hand = [] if job.writer is None else ["writer"]
        table.writerow([*COLUMNS, *hand, *(knob.name for knob in job.info.knobs)])
        for picture in job.pictures():
            file_name = f"{picture.class_name}/{job.index_name(picture.index)}.png"
            save_png(picture.image, folder / file_name, job.scale, picture_address(job, picture))
            table.writerow(_row(file_name, picture))
    for name in job.info.classes:
        with suppress(OSError):  # it is not empty
            (folder / name).rmdir()


def gather(pieces: Sequence[Path], folder: Path) -> None:
    """Move the pictures of the pieces, each of them written by `write`, into one folder, and join their tables."""
    for piece in pieces:
        for source in piece.iterdir():
            if source.is_dir():
                (folder / source.name).mkdir(exist_ok=True)
                for picture in source.iterdir():
                    picture.replace(folder / source.name / picture.name)
    with whole_file(folder / TABLE) as joined:
        for number, piece in enumerate(pieces):
            with (piece / TABLE).open("rb") as table:
                head = table.readline()
                if number == 0:
                    joined.write(head)
                joined.writelines(table)


def read(folder: Path, first: int, count: int, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield the pictures in rows `first ...` of the table.

    Raises:
        DatasetError: if a picture is missing or damaged, or the table is not that of `write`.
    """
    with (folder / TABLE).open(encoding="utf-8", newline="") as stream:
        has_writer = "writer" in next(csv.reader(stream), [])
        for row in csv.reader(islice(stream, first, first + count)):
            try:
                file_name, label, seed, index, *rest = row
                hand, styles = (int(rest[0]), rest[1:]) if has_writer else (None, rest)
                yield Stored(
                    file_name,
                    read_png(folder / file_name),
                    classes.index(label),
                    int(seed),
                    int(index),
                    tuple(map(float, styles)),
                    hand,
                )
            except (OSError, ValueError, IndexError, SyntaxError) as error:
                raise DatasetError(f"{TABLE}, {','.join(row)[:80]!r}: {error}") from None


def _row(file_name: str, picture: Picture) -> list[object]:
    hand = [] if picture.writer is None else [picture.writer]
    styles = (f"{style:.9g}" for style in picture.styles.values())
    return [file_name, picture.class_name, picture.seed, picture.index, *hand, *styles]

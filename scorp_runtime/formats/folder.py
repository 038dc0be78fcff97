"""A folder: one PNG file per picture in a folder per class, and a table of all of them."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from scorp_runtime.errors import DatasetError, OutputError
from scorp_runtime.files.bounded import open_text
from scorp_runtime.files.decoding import decoding

from .job import Job, Sample
from .png_codec import read_png, save_png
from .stored import Stored
from .tables import file_names, inside, join_tables

TABLE = "metadata.csv"
COLUMNS = ("file_name", "label", "seed", "index")
"""The first columns of the table; `writer` follows if one was asked for, then one per knob."""


def check(job: Job) -> None:
    """Every job suits."""


def write(job: Job, folder: Path) -> None:
    """Write `<class>/<index>.png` and `metadata.csv`; file names come from addresses and sort like them."""
    made = set[str]()
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        hand = [] if job.writer is None else ["writer"]
        table.writerow([*COLUMNS, *hand, *(knob.name for knob in job.info.knobs)])
        for sample in job.samples():
            name = sample.said["class"]
            if name not in made:
                made.add(_class_folder(folder, name).name)
            file_name = f"{name}/{sample.name}.png"
            save_png(sample.image, folder / file_name, sample.address)
            table.writerow(_row(file_name, sample))


def gather(pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
    """Move the pictures of the pieces, each of them written by `write`, into one folder, and join their tables."""
    for piece in pieces:
        for source in piece.iterdir():
            if source.is_dir():
                _class_folder(folder, source.name)
                for picture in source.iterdir():
                    picture.replace(folder / source.name / picture.name)
    join_tables(pieces, TABLE, folder)


def read(folder: Path, first: int, count: int, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield the pictures in rows `first ...` of the table.

    Raises:
        DatasetError: if a picture is missing or damaged, or the table is not that of `write`.
    """
    with open_text(folder / TABLE) as stream:
        table = csv.reader(stream)
        head = next(table, [])
        for row in islice(table, first, first + count):
            with decoding(DatasetError, f"{TABLE}, {','.join(row)[:80]!r}"):
                file_name, label, seed, index, *rest = row
                said: dict[str, Any] = {"label": classes.index(label), "seed": int(seed), "index": int(index)}
                for column, value in zip(head[len(COLUMNS) :], rest, strict=True):
                    # Nine digits tell numbers of single precision apart, and are not those numbers.
                    said[column] = int(value) if column == "writer" else float(np.float32(value))
                yield Stored(file_name, read_png(inside(folder, file_name)), said)


def check_whole(folder: Path, count: int, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if there are other PNG files in the folders of the classes."""
    files = sum(1 for name in classes for _ in (folder / name).glob("*.png"))
    if files != count:
        raise DatasetError(f"{folder} has {files} PNG files in the folders of its classes, not {count}")


def files(folder: Path) -> set[str]:
    """Return the names of the table and of its pictures."""
    return {TABLE, *file_names(folder / TABLE)}


def _class_folder(folder: Path, name: str) -> Path:
    """Return the folder of a class, made if it is missing.

    Raises:
        OutputError: if another class has it, as the disk does not distinguish upper case from lower case.
    """
    place = folder / name
    try:
        place.mkdir()
    except FileExistsError:
        if name not in {path.name for path in folder.iterdir()}:
            raise OutputError(
                f"cannot write {place}: another class differs only in case, which this disk does not distinguish; "
                "use --format tar, parquet, npz or idx"
            ) from None
    return place


def _row(file_name: str, sample: Sample) -> list[object]:
    said = sample.said
    fixed = [file_name, said["class"], said["seed"], said["index"]]
    rest = [value for column, value in said.items() if column not in (*COLUMNS, "class")]
    return fixed + [value if isinstance(value, int) else f"{value:.9g}" for value in rest]

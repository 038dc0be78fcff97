"""A folder: one PNG file per picture in a folder per class, and a table of all of them."""

import csv
from pathlib import Path

from ..batch import Batch
from ..errors import RequestError
from .job import Job
from .picture import save_png

TABLE = "metadata.csv"
COLUMNS = ("file_name", "label", "seed", "index")
"""The first columns of the table; one per knob follows."""


def check(job: Job) -> None:
    """Refuse the columns of a sheet."""
    if job.columns is not None:
        raise RequestError("columns are for sheets; a folder holds one file per picture")


def write(job: Job, folder: Path) -> None:
    """Write `<class>/<index>.png` and `metadata.csv`; file names come from addresses and sort like them."""
    digits = max(8, len(str(job.start + job.count - 1)))
    for name in job.info.classes:
        (folder / name).mkdir()
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow([*COLUMNS, *(knob.name for knob in job.info.knobs)])
        for batch in job.batches():
            table.writerows(_rows(job, batch, folder, digits))
    for name in job.info.classes:
        if not any((folder / name).iterdir()):
            (folder / name).rmdir()


def is_ours(folder: Path) -> bool:
    """Tell whether a folder was written by this module, and so may be replaced by it."""
    try:
        with (folder / TABLE).open(encoding="utf-8") as stream:
            return stream.readline().rstrip("\n").split(",")[: len(COLUMNS)] == list(COLUMNS)
    except (OSError, UnicodeDecodeError):
        return False


def _rows(job: Job, batch: Batch, folder: Path, digits: int) -> list[list[object]]:
    rows: list[list[object]] = []
    for offset, (image, label, styles) in enumerate(
        zip(batch.images, batch.labels, batch.styles, strict=True)
    ):
        index, name = batch.start + offset, job.info.classes[label]
        file_name = f"{name}/{index:0{digits}}.png"
        save_png(image, folder / file_name, job.scale)
        rows.append([file_name, name, batch.seed, index, *(f"{style:.9g}" for style in styles.tolist())])
    return rows

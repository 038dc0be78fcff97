"""Format `folder`: one PNG file per image in a folder per class, and a table of all of them."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.bounded import open_text
from scorp_runtime.files.decoding import decoding

from .folder_names import folder_name
from .format import Format, Shard, StoredSample
from .job import ImageJob, Sample
from .png import png_bytes, read_png
from .tables import file_inside, file_names, join_tables

TABLE = "metadata.csv"
COLUMNS = ("file_name", "label", "seed", "index")
"""The first columns of the table; `writer` follows if there is one, then one column per knob."""


class FolderFormat(Format[ImageJob]):
    """Files `<class>/<index>.png` and `metadata.csv`."""

    image_files = "`<class>/<index>.png`, and `metadata.csv` with file, class, seed, index and style of each"
    data_files = ("*/*.png", "metadata.csv")
    has_csv_table = True

    def check(self, job: ImageJob) -> None:
        """Raise `RequestError` if two classes would have the same folder on a disk that ignores case."""
        owners = dict[str, str]()
        for name in job.info.classes:
            other = owners.setdefault(folder_name(name, job.info.classes).casefold(), name)
            if other != name:
                raise RequestError(
                    f"the folders of classes {other!r} and {name!r} are the same on some disks; "
                    "use --format tar, parquet, npz or idx"
                )

    def write(self, job: ImageJob, piece: Path, shard: Shard) -> None:
        folders = dict[str, Path]()
        with (piece / TABLE).open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            writer = [] if job.writer is None else ["writer"]
            table.writerow([*COLUMNS, *writer, *(knob.name for knob in job.info.knobs)])
            for sample in job.samples():
                name = sample.fields["class"]
                if name not in folders:
                    folders[name] = piece / folder_name(name, job.info.classes)
                    folders[name].mkdir()
                path = folders[name] / f"{sample.name}.png"
                path.write_bytes(png_bytes(sample.image, sample.address))
                table.writerow(_row(f"{folders[name].name}/{path.name}", sample))

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        for piece in pieces:
            for source in piece.iterdir():
                if source.is_dir():
                    (folder / source.name).mkdir(exist_ok=True)
                    for image in source.iterdir():
                        image.replace(folder / source.name / image.name)
        join_tables(pieces, TABLE, folder)

    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        with open_text(folder / TABLE) as stream:
            table = csv.reader(stream)
            header = next(table, [])
            fields: dict[str, Any]
            for row in islice(table, shard.samples.start, shard.samples.stop):
                with decoding(DatasetError, f"{TABLE}, {','.join(row)[:80]!r}"):
                    file_name, label, seed, index, *rest = row
                    fields = {"label": classes.index(label), "seed": int(seed), "index": int(index)}
                    for column, value in zip(header[len(COLUMNS) :], rest, strict=True):
                        # Nine decimal digits identify a float32 but are not exactly that number.
                        fields[column] = int(value) if column == "writer" else float(np.float32(value))
                    yield StoredSample(file_name, read_png(file_inside(folder, file_name)), fields)

    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        count = shards[-1].samples.stop
        files = sum(1 for name in classes for _ in (folder / folder_name(name, classes)).glob("*.png"))
        if files != count:
            raise DatasetError(f"{folder} has {files} PNG files in the folders of its classes, not {count}")

    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        return {TABLE, *file_names(folder / TABLE)}


def _row(file_name: str, sample: Sample) -> list[object]:
    fields = sample.fields
    rest = [value for column, value in fields.items() if column not in (*COLUMNS, "class")]
    numbers = [value if isinstance(value, int) else f"{value:.9g}" for value in rest]
    return [file_name, fields["class"], fields["seed"], fields["index"], *numbers]


FORMAT = FolderFormat()

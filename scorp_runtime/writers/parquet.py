"""A Parquet file with the columns that Hugging Face datasets gives to pictures; needs the extra `parquet`."""

import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from ..errors import DatasetError
from ..extras import load_extra
from ..features import Features, picture_features
from . import png_files
from .job import Job, Picture
from .picture import picture_png, read_png
from .stored import Stored

_ROW_GROUP = 4096  # pictures held in memory at a time


def check(job: Job) -> None:
    """Refuse the columns of a sheet, and a Python without pyarrow."""
    png_files.check(job)
    load_extra("pyarrow.parquet", "parquet")


def write(job: Job, stream: BinaryIO) -> None:
    """Write image, label, seed, index, the writer, if any, and a column per knob."""
    parquet = load_extra("pyarrow.parquet", "parquet")
    pyarrow = load_extra("pyarrow", "parquet")
    schema = _schema(job, pyarrow)
    pictures = job.pictures()
    with parquet.ParquetWriter(pyarrow.PythonFile(stream, mode="w"), schema) as writer:
        while group := list(islice(pictures, _ROW_GROUP)):
            writer.write_table(pyarrow.Table.from_pydict(_columns(job, group), schema))


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`.

    Raises:
        DatasetError: if the file is no such Parquet file.
    """
    parquet = load_extra("pyarrow.parquet", "parquet")
    pyarrow = load_extra("pyarrow", "parquet")
    try:
        place = 0
        for group in parquet.ParquetFile(stream).iter_batches(_ROW_GROUP):
            for row in group.to_pylist():
                image = read_png(io.BytesIO(row.pop("image")["bytes"]))
                fixed, hand = (row.pop("label"), row.pop("seed"), row.pop("index")), row.pop("writer", None)
                yield Stored(f"row {place} of {name}", image, *fixed, tuple(row.values()), hand)
                place += 1
    except (pyarrow.ArrowException, OSError, KeyError, TypeError) as error:
        raise DatasetError(f"{name} is damaged: {error}") from None


def _schema(job: Job, pyarrow: Any) -> Any:
    features = picture_features(job.info, has_writer=job.writer is not None)
    said = {"huggingface": json.dumps({"info": {"features": features}})}
    kinds = [(name, _kind(feature, pyarrow)) for name, feature in features.items()]
    return pyarrow.schema(kinds, metadata=said)


def _kind(feature: Features, pyarrow: Any) -> Any:
    """Return the type that Hugging Face datasets gives to the column of a feature."""
    match feature["_type"]:
        case "Image":
            return pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()})
        case "ClassLabel":
            return pyarrow.int64()
    return pyarrow.type_for_alias(feature["dtype"])


def _columns(job: Job, group: Sequence[Picture]) -> dict[str, list[Any]]:
    return {
        "image": [
            {"bytes": picture_png(job, picture), "path": f"{job.index_name(picture.index)}.png"}
            for picture in group
        ],
        "label": [picture.label for picture in group],
        "seed": [picture.seed for picture in group],
        "index": [picture.index for picture in group],
        **({} if job.writer is None else {"writer": [job.writer] * len(group)}),
        **{knob.name: [picture.styles[knob.name] for picture in group] for knob in job.info.knobs},
    }

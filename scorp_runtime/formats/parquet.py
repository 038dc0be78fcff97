"""Format `parquet`: tables with the column types of Hugging Face datasets; needs the extra `parquet`."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from scorp_runtime.files.optional import load_extra

from .format import FileFormat, StoredSample
from .job import Job, Sample
from .png import png_bytes, read_png
from .schema import Features

_ROW_GROUP = 4096  # images held in memory at a time, unless they have more pixels than these
_PIXELS = 1 << 26
_BATCH = 64  # most rows read at a time
_MOST_BYTES = 1 << 27  # of a row group, uncompressed
_MOST_VALUES = 1 << 23  # of a column of a row group


class ParquetFormat(FileFormat[Job]):
    """Parquet files, one row per sample."""

    image_files = "`train-*.parquet` with `image`, `label`, `seed`, `index` and a column per knob"
    page_files = "`train-*.parquet` with `image`, `text`, `seed`, `index`, `writer` and `objects` (the boxes)"
    data_files = "train-*.parquet"

    def check(self, job: Job) -> None:
        """Raise `MissingExtraError` if pyarrow is not installed."""
        load_extra("pyarrow.parquet", "parquet")

    def write_file(self, job: Job, stream: BinaryIO) -> None:
        parquet = load_extra("pyarrow.parquet", "parquet")
        pyarrow = load_extra("pyarrow", "parquet")
        features = job.features()
        schema = _schema(features, pyarrow)
        with parquet.ParquetWriter(pyarrow.PythonFile(stream, mode="w"), schema) as writer:
            for group in _groups(job.samples()):
                writer.write_table(pyarrow.Table.from_pydict(_columns(features, group), schema))

    def read_file(self, stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[StoredSample]:
        parquet = load_extra("pyarrow.parquet", "parquet")
        file = parquet.ParquetFile(stream)
        number = 0
        for batch in file.iter_batches(_rows_at_once(file.metadata)):
            for row in batch.to_pylist():
                image = read_png(io.BytesIO(row.pop("image")["bytes"]))
                yield StoredSample(f"row {number} of {name}", image, row)
                number += 1


def _rows_at_once(metadata: Any) -> int:
    """Return how many rows to read at a time, or raise `ValueError` if a row group is larger than any written here."""
    largest = 1
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        columns = [group.column(number) for number in range(group.num_columns)]
        size = sum(max(column.total_uncompressed_size, 0) for column in columns)
        values = max((column.num_values for column in columns), default=0)
        if not 0 < group.num_rows <= _ROW_GROUP or size > _MOST_BYTES or values > _MOST_VALUES:
            raise ValueError(f"too large: {group.num_rows} rows, {values} values, {size} bytes at once")
        largest = max(largest, size)
    return max(1, min(_BATCH, _MOST_BYTES // largest))  # all rows may repeat one value


def _groups(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    group: list[Sample] = []
    pixels = 0
    for sample in samples:
        group.append(sample)
        pixels += sample.image.size
        if len(group) == _ROW_GROUP or pixels >= _PIXELS:
            yield group
            group, pixels = [], 0
    if group:
        yield group


def _schema(features: Features, pyarrow: Any) -> Any:
    types = [(name, _type(feature, pyarrow)) for name, feature in features.items()]
    return pyarrow.schema(types, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def _type(feature: Features, pyarrow: Any) -> Any:
    """Return the type that Hugging Face datasets gives to the column of a feature."""
    match feature.get("_type"):
        case None:
            return pyarrow.struct([(name, _type(inner, pyarrow)) for name, inner in feature.items()])
        case "Sequence":
            return pyarrow.list_(_type(feature["feature"], pyarrow), feature["length"])
        case "Image":
            return pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()})
        case "ClassLabel":
            return pyarrow.int64()
    return pyarrow.type_for_alias(feature["dtype"])


def _columns(features: Features, group: Sequence[Sample]) -> dict[str, list[Any]]:
    images = [
        {"bytes": png_bytes(sample.image, sample.address), "path": f"{sample.name}.png"} for sample in group
    ]
    names = [name for name in features if name != "image"]
    return {"image": images} | {name: [sample.fields[name] for sample in group] for name in names}


FORMAT = ParquetFormat()

"""A Parquet file with the columns that Hugging Face datasets gives to pictures; needs the extra `parquet`."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.decoding import decoding
from scorp_runtime.files.optional import load_extra

from .parquet_pages import check_pages
from .png_codec import png_bytes, read_png
from .stored import Stored

if TYPE_CHECKING:
    from . import AnyJob
    from .job import Sample
    from .schema import Features

_ROW_GROUP = 4096  # pictures held in memory at a time, while they have no more pixels than these
_PIXELS = 1 << 26
_BATCH = 64  # rows that are read at a time


def check(job: "AnyJob") -> None:
    """Refuse a Python without pyarrow."""
    load_extra("pyarrow.parquet", "parquet")


def write(job: "AnyJob", stream: BinaryIO) -> None:
    """Write the columns that `job.features()` names."""
    parquet = load_extra("pyarrow.parquet", "parquet")
    pyarrow = load_extra("pyarrow", "parquet")
    features = job.features()
    schema = _schema(features, pyarrow)
    with parquet.ParquetWriter(pyarrow.PythonFile(stream, mode="w"), schema) as writer:
        for group in _groups(job.samples()):
            writer.write_table(pyarrow.Table.from_pydict(_columns(features, group), schema))


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`, in constant memory.

    Raises:
        DatasetError: if the file is no such Parquet file.
    """
    parquet = load_extra("pyarrow.parquet", "parquet")
    with decoding(DatasetError, name):
        place = 0
        file = parquet.ParquetFile(stream)
        check_pages(stream, file.metadata, _ROW_GROUP)
        for group in file.iter_batches(_BATCH):
            for row in group.to_pylist():
                image = read_png(io.BytesIO(row.pop("image")["bytes"]))
                yield Stored(f"row {place} of {name}", image, row)
                place += 1


def _groups(samples: "Iterable[Sample]") -> "Iterator[list[Sample]]":
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


def _schema(features: "Features", pyarrow: Any) -> Any:
    kinds = [(name, _kind(feature, pyarrow)) for name, feature in features.items()]
    said = {"huggingface": json.dumps({"info": {"features": features}})}
    return pyarrow.schema(kinds, metadata=said)


def _kind(feature: "Features", pyarrow: Any) -> Any:
    """Return the type that Hugging Face datasets gives to the column of a feature."""
    match feature.get("_type"):
        case None:
            return pyarrow.struct([(name, _kind(inner, pyarrow)) for name, inner in feature.items()])
        case "Sequence":
            return pyarrow.list_(_kind(feature["feature"], pyarrow), feature["length"])
        case "Image":
            return pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()})
        case "ClassLabel":
            return pyarrow.int64()
    return pyarrow.type_for_alias(feature["dtype"])


def _columns(features: "Features", group: "Sequence[Sample]") -> dict[str, list[Any]]:
    images = [
        {"bytes": png_bytes(sample.image, sample.address), "path": f"{sample.name}.png"} for sample in group
    ]
    said = {name: [sample.said[name] for sample in group] for name in features if name != "image"}
    return {"image": images, **said}

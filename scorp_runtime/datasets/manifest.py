"""`provenance.json`: where a dataset comes from, precisely enough to make it again and to verify it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import read_regular
from scorp_runtime.files.decoding import decoding
from scorp_runtime.inference.engine import Engine
from scorp_runtime.version import __version__

from .spec import DatasetSpec
from .spec_reader import read_spec

FILE = "provenance.json"
FORMAT = 1
"""The version of the file's format that this package reads and writes."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What `provenance.json` says.

    Attributes:
        spec: what the dataset is made from.
        pixels_sha256: of the pixels of each shard, in order.
    """

    spec: DatasetSpec
    pixels_sha256: tuple[str, ...]


def write(folder: Path, generator: Engine, spec: DatasetSpec, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the file; `rows` are the manifest, one row per shard.

    Raises:
        OutputError: if it cannot be written.
    """
    info, shape = generator.info, spec.image_shape(generator)
    document = {
        "format": FORMAT,
        "made_by": f"scorp-runtime {__version__}",
        "command": spec.command(),
        "model": {
            "name": info.name,
            "version": info.version,
            "sha256": generator.model_sha256,
            "exact": info.exact,
            "licence": info.licence,
        },
        "classes": list(generator.classes),
        "image_shape": None if shape is None else list(shape),
        # The place of a model file is that of one machine.
        "spec": spec.to_json() | {"model": Path(spec.model).name},
        "shards": list(rows),
    }
    with atomic_file(folder / FILE) as stream:
        stream.write(json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")


def read(folder: Path) -> Provenance:
    """Read the file.

    Raises:
        DatasetError: if it is missing or damaged.
    """
    with decoding(DatasetError, folder / FILE):
        document = json.loads(read_regular(folder / FILE))
        if document["format"] != FORMAT:
            raise DatasetError(f"{folder / FILE} is not of format {FORMAT}, which this package reads")
        spec = read_spec(document["spec"])
        hashes = tuple(str(row["pixels_sha256"]) for row in document["shards"])
        if len(hashes) != spec.shards:
            raise ValueError(f"it has {len(hashes)} checksums for {spec.shards} shards")
    return Provenance(spec, hashes)

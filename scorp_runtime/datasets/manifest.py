"""The manifest of a dataset, `provenance.json`: what is needed to make it again and to verify it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import read_regular
from scorp_runtime.files.decoding import decoding
from scorp_runtime.inference.engine import Engine
from scorp_runtime.version import __version__

from .image_spec import ImageSpec
from .page_spec import LinesSpec, PatternSpec, TextSpec
from .spec import DatasetSpec

FILE = "provenance.json"
FORMAT = 1
"""The version of the file format that this package reads and writes."""


class Manifest(NamedTuple):
    """The part of `provenance.json` that is read back."""

    spec: DatasetSpec
    pixels_sha256: tuple[str, ...]  # of each shard, in order


def write(folder: Path, engine: Engine, spec: DatasetSpec, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `provenance.json`; `rows` describe the shards in order."""
    info, shape = engine.info, spec.image_shape(engine)
    document = {
        "format": FORMAT,
        "made_by": f"scorp-runtime {__version__}",
        "command": spec.command(),
        "model": {
            "name": info.name,
            "version": info.version,
            "sha256": engine.model_sha256,
            "exact": info.exact,
            "licence": info.licence,
        },
        "classes": list(engine.classes),
        "image_shape": None if shape is None else list(shape),
        "spec": spec.portable(),
        "shards": list(rows),
    }
    with atomic_file(folder / FILE) as stream:
        stream.write(json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")


def read(folder: Path) -> Manifest:
    """Read `provenance.json`; raise `DatasetError` if it is missing or damaged."""
    with decoding(DatasetError, folder / FILE):
        document = json.loads(read_regular(folder / FILE))
        if document["format"] != FORMAT:
            raise DatasetError(f"{folder / FILE} is not of format {FORMAT}, which this version reads")
        spec = read_spec(document["spec"])
        hashes = tuple(str(row["pixels_sha256"]) for row in document["shards"])
        if len(hashes) != spec.shards:
            raise ValueError(f"it has {len(hashes)} checksums for {spec.shards} shards")
    return Manifest(spec, hashes)


def read_spec(document: object) -> DatasetSpec:
    """Read what `DatasetSpec.to_json` returned, or raise `ValueError`; a spec of pages has texts from somewhere."""
    names = document if isinstance(document, Mapping) else ()
    kinds: dict[str, type[DatasetSpec]] = {"text": TextSpec, "pattern": PatternSpec, "lines": LinesSpec}
    kind = next((kind for name, kind in kinds.items() if name in names), ImageSpec)
    return kind.from_json(document)

"""A dataset on disk, made shard by shard.

A shard is a pure function of (spec, number), so it matters to no byte who makes it, where, when or how often. While
a dataset is being made, its folder holds a folder `.begun` with the spec and, for each shard that is ready, a
folder with its files and its record, which appears whole or not at all. The record is the row of the manifest with the
size and SHA-256 of each file. When all are there they are
gathered into the dataset, its provenance last.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from scorp_runtime.errors import DatasetError, ModelError, OutputError, RequestError
from scorp_runtime.files.atomic import PARTIAL, atomic_file, atomic_folder, flush
from scorp_runtime.files.bounded import read_regular
from scorp_runtime.files.locks import try_lock, unlock
from scorp_runtime.formats import FOLDERS, folder_form, stream_writer
from scorp_runtime.inference.engine import Engine

from . import card, manifest
from .spec import DatasetSpec
from .spec_reader import read_spec

BEGUN = ".begun"
"""The folder, inside that of the dataset, which is there while the dataset is unfinished."""

FORGOTTEN = f"{BEGUN}{PARTIAL}"
"""What it is called while it is removed."""

_SPEC, _RECORD = "spec.json", "shard.json"
_FILES = "files"


@dataclass(frozen=True, slots=True)
class ShardRow:
    """What the manifest says of a shard.

    Attributes:
        shard: its number, from 0.
        start: index of its first picture or page within the seed.
        count: of its pictures or pages.
        pixels_sha256: of the bytes of all of them as they were drawn and presented, before inversion and scaling.
    """

    shard: int
    start: int
    count: int
    pixels_sha256: str

    def to_json(self) -> dict[str, object]:
        """Return the row for JSON; the index as text, as many JSON readers hold numbers as doubles."""
        return asdict(self) | {"start": str(self.start)}


def begin(spec: DatasetSpec, folder: Path) -> bool:
    """Note in a folder that a dataset is being made there, or find that it is, or that it is finished.

    Returns:
        whether there is anything left to do.

    Raises:
        RequestError: if another dataset is in the folder.
        OutputError: if the folder cannot be written.
    """
    found = known_spec(folder)
    if found is None:
        with atomic_file(_made(folder) / _SPEC) as stream:
            stream.write(json.dumps(spec.to_json()).encode())
    elif differences := found.differences(spec):
        raise RequestError(f"the dataset in {folder} differs in {', '.join(differences)}")
    finished = (folder / manifest.FILE).exists()
    if finished:
        _forget(folder)
    return not finished


def known_spec(folder: Path) -> DatasetSpec | None:
    """Return what the dataset in a folder, finished or not, is made from; None if there is none.

    Raises:
        DatasetError: if that cannot be read.
    """
    if (folder / manifest.FILE).exists():
        return manifest.read(folder).spec
    try:
        return read_spec(json.loads(read_regular(folder / BEGUN / _SPEC)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        raise DatasetError(f"{folder / BEGUN / _SPEC} cannot be read") from None


def missing(spec: DatasetSpec, folder: Path, numbers: Iterable[int] | None = None) -> list[int]:
    """Return the numbers of the shards that are not ready, or whose files are not those that were recorded.

    Args:
        spec: what the dataset is made from.
        folder: where it was begun.
        numbers: of the shards to look at; None is all of them.
    """
    looked_at = range(spec.shards) if numbers is None else numbers
    return [number for number in looked_at if _ready(spec, folder, number) is None]


def make_shard(
    spec: DatasetSpec,
    folder: Path,
    number: int,
    *,
    threads: int | str | None = None,
    backend: str | None = None,
) -> ShardRow:
    """Make one shard of a dataset that was begun in a folder, in any process of any machine that sees the folder.

    Args:
        spec: what the dataset is made from.
        folder: where it was begun.
        number: of the shard.
        threads: as for `Engine`.
        backend: as for `Engine`.

    Returns:
        its row of the manifest, which also lies beside its files.

    Raises:
        ModelError: if the model is another one here.
        RequestError: if the model cannot do what is asked.
        OutputError: if the shard cannot be written.
    """
    return write_shard(_generator(spec.model, spec.model_sha256, threads, backend), spec, folder, number)


def write_shard(generator: Engine, spec: DatasetSpec, folder: Path, number: int) -> ShardRow:
    """Do what `make_shard` does, with a generator at hand."""
    pixels = hashlib.sha256()
    job = spec.job(generator, number, lambda images: pixels.update(images.data))
    with atomic_folder(folder / BEGUN / _name(number), replace=True, tidy=False) as piece:
        if spec.format in FOLDERS:
            folder_form(spec.format).write(job, piece)
        else:
            with (piece / spec.file_name(number)).open("wb") as stream:
                stream_writer(spec.format).write(job, stream)
        row = ShardRow(number, job.start, job.count, pixels.hexdigest())
        record = row.to_json() | {_FILES: {name: _checksum(piece / name) for name in _file_names(piece)}}
        (piece / _RECORD).write_text(json.dumps(record), encoding="utf-8")
    return row


def finish(generator: Engine, spec: DatasetSpec, folder: Path, *, checked: bool = False) -> None:
    """Gather the shards of a dataset, write its card and its provenance, and forget that it was begun.

    Stopped at any point, it can be done again.

    Args:
        generator: of the model that made the dataset.
        spec: what the dataset is made from.
        folder: where it was begun.
        checked: whether the caller has just compared the files of all shards with their records, or made them.

    Raises:
        DatasetError: if a shard is missing or damaged, or another process is finishing the dataset.
        OutputError: if the folder cannot be written.
    """
    held = None
    with suppress(OSError):  # no locks here
        held = try_lock(folder / BEGUN)
        if held is None:
            raise DatasetError(f"another process is finishing the dataset in {folder}")
    try:
        if (folder / manifest.FILE).exists():  # another process was quicker
            return
        rows = [_ready(spec, folder, number, trust=checked) for number in range(spec.shards)]
        ready = [row.to_json() for row in rows if row is not None]
        if lacking := spec.shards - len(ready):
            raise DatasetError(f"{folder} lacks {lacking} of {spec.shards} shards: --resume makes them")
        pieces = [folder / BEGUN / _name(number) for number in range(spec.shards)]
        if spec.format in FOLDERS:
            folder_form(spec.format).gather(pieces, folder, generator.classes)
        else:
            for number, piece in enumerate(pieces):
                file = piece / spec.file_name(number)
                if file.exists():  # else it was moved before this was stopped
                    file.replace(folder / file.name)
        card.write(folder, generator, spec)
        flush(folder, folder.absolute())
        manifest.write(folder, generator, spec, ready)
        _forget(folder)
    finally:
        unlock(held)


def _forget(folder: Path) -> None:
    """Remove the shards of a finished dataset; a job that makes one of them once more does not stop that."""
    shutil.rmtree(folder / FORGOTTEN, ignore_errors=True)
    with suppress(OSError):
        (folder / BEGUN).rename(folder / FORGOTTEN)
    shutil.rmtree(folder / FORGOTTEN, ignore_errors=True)


def _ready(spec: DatasetSpec, folder: Path, number: int, *, trust: bool = False) -> ShardRow | None:
    """Return the manifest row of a shard whose files are those that its record names; None if there is none.

    Args:
        spec: what the dataset is made from.
        folder: where it was begun.
        number: of the shard.
        trust: whether to read only the record.
    """
    piece, part = folder / BEGUN / _name(number), spec.part(number)
    try:
        record = json.loads((piece / _RECORD).read_bytes())
        files = record.pop(_FILES)  # a record of an earlier version has none: its shard is made again
        row = ShardRow(number, spec.start + part.start, len(part), str(record["pixels_sha256"]))
        if row.to_json() == record and (trust or _as_recorded(files, piece, folder)):
            return row
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        pass
    return None


def _as_recorded(files: dict[str, object], piece: Path, folder: Path) -> bool:
    """Tell whether the files of a shard, some of which may have been gathered already, are those of its record."""
    for name, checksum in files.items():
        path = piece / name
        if not path.exists():
            path = folder / name
        if not path.is_file() or _checksum(path) != checksum:
            return False
    return True


def _file_names(piece: Path) -> list[str]:
    return sorted(path.relative_to(piece).as_posix() for path in piece.rglob("*") if path.is_file())


def _checksum(path: Path) -> dict[str, object]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"bytes": stream.tell(), "sha256": digest}


def _made(folder: Path) -> Path:
    place = Path(os.path.realpath(folder), BEGUN)  # a link may lead to what is to be made
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    return place


def _name(number: int) -> str:
    return f"{number:05}"


@lru_cache(maxsize=1)
def _generator(model: str, sha256: str, threads: int | str | None, backend: str | None) -> Engine:
    """Return this process's generator, so that the next shard finds its network ready."""
    generator = Engine(model, threads=threads, backend=backend)
    if generator.model_sha256 != sha256:
        raise ModelError(f"model {model} is another one here than where the dataset was begun")
    return generator

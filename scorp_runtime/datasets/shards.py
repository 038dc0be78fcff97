"""Making a dataset on disk, shard by shard.

A shard depends only on (spec, number), so any process on any machine can make it, at any time and repeatedly. The
folder of an unfinished dataset has a folder `.begun` with the spec and, for each finished shard, a folder with its
files and its record, which appears atomically. The record is the row of the manifest with the size and SHA-256 of
each file. When all shards are finished, they are gathered into the dataset; `provenance.json` is written last.
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
from typing import NoReturn

from scorp_runtime.errors import DatasetError, ModelError, OutputError, RequestError
from scorp_runtime.files.atomic import PARTIAL, atomic_file, atomic_folder, flush
from scorp_runtime.files.bounded import read_regular
from scorp_runtime.files.decoding import decoding
from scorp_runtime.files.locks import try_lock, unlock
from scorp_runtime.formats import load_format
from scorp_runtime.inference.engine import Engine

from . import card, manifest
from .spec import DatasetSpec

UNFINISHED = ".begun"
"""Name of the folder, inside that of the dataset, that exists while the dataset is unfinished."""

_SPEC, _RECORD = "spec.json", "shard.json"
_FILES = "files"


@dataclass(frozen=True, slots=True)
class ShardRow:
    """A shard in the manifest."""

    shard: int  # number, from 0
    start: int  # index of its first sample within the seed
    count: int  # of samples
    pixels_sha256: str  # of all pixels, after effects and before inversion and scaling

    def to_json(self) -> dict[str, object]:
        """Return the row for JSON; the index as text, because many JSON readers hold numbers as doubles."""
        return asdict(self) | {"start": str(self.start)}


def begin(spec: DatasetSpec, folder: Path) -> bool:
    """Store the spec of a new dataset in its folder, and return whether the dataset is unfinished.

    Raises `RequestError` if another dataset is there, or `OutputError` if the folder cannot be written.
    """
    found = known_spec(folder)
    if found is None:
        path = Path(os.path.realpath(folder), UNFINISHED)  # the target of a link may not exist yet
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
        with atomic_file(path / _SPEC) as stream:
            stream.write(json.dumps(spec.to_json()).encode())
    elif differences := found.differences(spec):
        raise RequestError(f"the dataset in {folder} differs in {', '.join(differences)}")
    finished = (folder / manifest.FILE).exists()
    if finished:
        shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
    return not finished


def known_spec(folder: Path) -> DatasetSpec | None:
    """Return the spec of the dataset in a folder, finished or not; None if there is no dataset."""
    if (folder / manifest.FILE).exists():
        return manifest.read(folder).spec
    path = folder / UNFINISHED / _SPEC
    if not path.exists():
        return None
    with decoding(DatasetError, path):
        return manifest.read_spec(json.loads(read_regular(path)))


def missing(spec: DatasetSpec, folder: Path, numbers: Iterable[int] | None = None) -> list[int]:
    """Return those of some shards (None is all) that are not finished or whose files differ from their record."""
    checked = range(spec.shards) if numbers is None else numbers
    return [number for number in checked if _finished_row(spec, folder, number) is None]


def make_shard(
    spec: DatasetSpec,
    folder: Path,
    number: int,
    *,
    threads: int | str | None = None,
    backend: str | None = None,
) -> ShardRow:
    """Make one shard of an unfinished dataset, in any process on any machine that can write to the folder.

    `threads` and `backend` are those of `Engine`. The row of the manifest is returned and stored beside the files.
    Any `ScorpError` may be raised, such as `ModelError` if this machine has another model of that name.
    """
    return write_shard(_engine(spec.model, spec.model_sha256, threads, backend), spec, folder, number)


def write_shard(engine: Engine, spec: DatasetSpec, folder: Path, number: int) -> ShardRow:
    """Make one shard as `make_shard` does, with an engine that is already loaded."""
    pixels = hashlib.sha256()
    job = spec.job(engine, number, lambda images: pixels.update(images.data))
    with atomic_folder(_piece(folder, number), replace=True, tidy=False) as piece:
        load_format(spec.format).write(job, piece, spec.shard(number))
        row = ShardRow(number, job.start, job.count, pixels.hexdigest())
        files = sorted(path for path in piece.rglob("*") if path.is_file())
        checksums = {path.relative_to(piece).as_posix(): _checksum(path) for path in files}
        record = row.to_json() | {_FILES: checksums}
        (piece / _RECORD).write_text(json.dumps(record), encoding="utf-8")
    return row


def finish(engine: Engine, spec: DatasetSpec, folder: Path, *, checked: bool = False) -> None:
    """Gather the shards of a dataset, and write its card and its manifest.

    If this was interrupted, it can be called again. `checked` says that the caller has just made all shards, or
    compared their files with their records.
    A shard that is missing or damaged, or another process that is finishing the dataset, raises `DatasetError`.
    """
    held = None
    with suppress(OSError):  # this disk has no locks
        held = try_lock(folder / UNFINISHED)
        if held is None:
            raise DatasetError(f"another process is finishing the dataset in {folder}")
    try:
        if (folder / manifest.FILE).exists():  # another process was faster
            return
        found = [_finished_row(spec, folder, number, trust=checked) for number in range(spec.shards)]
        rows = [row.to_json() for row in found if row is not None]
        if lacking := spec.shards - len(rows):
            raise DatasetError(f"{folder} lacks {lacking} of {spec.shards} shards; make them with --resume")
        pieces = [_piece(folder, number) for number in range(spec.shards)]
        load_format(spec.format).gather(pieces, folder, engine.classes)
        card.write(folder, engine, spec)
        flush(folder, folder.absolute())
        manifest.write(folder, engine, spec, rows)
        shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
    finally:
        unlock(held)


def _finished_row(spec: DatasetSpec, folder: Path, number: int, *, trust: bool = False) -> ShardRow | None:
    """Return the row of a finished shard whose files match its record, else None; `trust` reads only the record."""
    piece, part = _piece(folder, number), spec.part(number)
    try:
        record = json.loads((piece / _RECORD).read_bytes())
        files = record.pop(_FILES)  # missing in records of earlier versions: the shard is made again
        row = ShardRow(number, spec.start + part.start, len(part), str(record["pixels_sha256"]))
        if row.to_json() == record and (trust or _match(files, piece, folder)):
            return row
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        pass
    return None


def _match(files: dict[str, object], piece: Path, folder: Path) -> bool:
    """Return whether files match their checksums; they are in the piece or, if already gathered, in the folder."""
    paths = {name: piece / name if (piece / name).exists() else folder / name for name in files}
    return all(path.is_file() and _checksum(path) == files[name] for name, path in paths.items())


def _piece(folder: Path, number: int) -> Path:
    return folder / UNFINISHED / f"{number:05}"


def _checksum(path: Path) -> dict[str, object]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"bytes": stream.tell(), "sha256": digest}


@lru_cache(maxsize=1)
def _engine(model: str, sha256: str, threads: int | str | None, backend: str | None) -> Engine:
    """Return the engine of this process, which its next shard uses again."""
    engine = Engine(model, threads=threads, backend=backend)
    if engine.model_sha256 != sha256:
        raise ModelError(f"{model} is not the model that the dataset was started with")
    return engine


def first_foreign(spec: DatasetSpec, folder: Path) -> str | None:
    """Return the path, in the folder of a dataset, of something that does not belong to it; None if there is nothing.

    Links are foreign, and so are images that the tables do not name. Empty folders and temporary files of killed runs
    are not. A folder that cannot be read raises `OSError`.
    """
    # If gathering was interrupted, the tables are still in the pieces.
    places = [folder, *(folder / UNFINISHED).glob("[0-9]*")]
    own = {card.FILE, manifest.FILE}
    shards = [spec.shard(number) for number in range(spec.shards)]
    own.update(*(load_format(spec.format).files(place, shards) for place in places))
    for root, folders, files in os.walk(folder, onerror=_raise):
        inside = Path(root).relative_to(folder)
        if not inside.parts:  # the shards of an unfinished dataset
            folders[:] = [name for name in folders if name != UNFINISHED]
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in (*files, *links):
            path = (inside / name).as_posix()
            if path not in own and not (name.startswith(".") and name.endswith(PARTIAL)):
                return path
    return None


def _raise(error: OSError) -> NoReturn:
    raise error

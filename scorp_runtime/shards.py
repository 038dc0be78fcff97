"""A dataset on disk, made shard by shard.

A shard is a pure function of (spec, number), so it matters to no byte who makes it, where, when or how often. While
a dataset is being made, its folder holds a folder `.begun` with the spec and, for each shard that is ready, a
folder with its files and its manifest row, which appears whole or not at all. When all are there they are
gathered into the dataset, its provenance last.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from . import card, provenance
from .atomic import whole_file, whole_folder
from .dataset_spec import DatasetSpec
from .errors import DatasetError, ModelError, OutputError, RequestError
from .generator import Generator
from .regular_file import read_regular
from .specs import read_spec
from .writers import FOLDERS, folder_form, stream_writer

BEGUN = ".begun"
"""The folder, inside that of the dataset, which is there while the dataset is unfinished."""

_SPEC, _ROW = "spec.json", "shard.json"


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
        with whole_file(_made(folder) / _SPEC) as stream:
            stream.write(json.dumps(spec.to_json()).encode())
    elif differences := found.differences(spec):
        raise RequestError(f"the dataset in {folder} differs in {', '.join(differences)}")
    finished = (folder / provenance.FILE).exists()
    if finished:
        shutil.rmtree(folder / BEGUN, ignore_errors=True)
    return not finished


def known_spec(folder: Path) -> DatasetSpec | None:
    """Return what the dataset in a folder, finished or not, is made from; None if there is none.

    Raises:
        DatasetError: if that cannot be read.
    """
    if (folder / provenance.FILE).exists():
        return provenance.read(folder).spec
    try:
        return read_spec(json.loads(read_regular(folder / BEGUN / _SPEC)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        raise DatasetError(f"{folder / BEGUN / _SPEC} cannot be read") from None


def missing(spec: DatasetSpec, folder: Path) -> list[int]:
    """Return the numbers of the shards that are not ready."""
    ready = {path.name for path in (folder / BEGUN).iterdir()}
    numbers = range(spec.shards)
    return [number for number in numbers if _name(number) not in ready or not _is_whole(spec, folder, number)]


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
        threads: as for `Generator`.
        backend: as for `Generator`.

    Returns:
        its row of the manifest, which also lies beside its files.

    Raises:
        ModelError: if the model is another one here.
        RequestError: if the model cannot do what is asked.
        OutputError: if the shard cannot be written.
    """
    return write_shard(_generator(spec.model, spec.model_sha256, threads, backend), spec, folder, number)


def write_shard(generator: Generator, spec: DatasetSpec, folder: Path, number: int) -> ShardRow:
    """Do what `make_shard` does, with a generator at hand."""
    pixels = hashlib.sha256()
    job = spec.job(generator, number, lambda images: pixels.update(images.data))
    with whole_folder(folder / BEGUN / _name(number), replace=True) as piece:
        if spec.format in FOLDERS:
            folder_form(spec.format).write(job, piece)
        else:
            with (piece / spec.file_name(number)).open("wb") as stream:
                stream_writer(spec.format).write(job, stream)
        row = ShardRow(number, job.start, job.count, pixels.hexdigest())
        (piece / _ROW).write_text(json.dumps(row.to_json()), encoding="utf-8")
    return row


def finish(generator: Generator, spec: DatasetSpec, folder: Path) -> None:
    """Gather the shards of a dataset, write its card and its provenance, and forget that it was begun.

    Stopped at any point, it can be done again.

    Raises:
        DatasetError: if a shard is missing.
        OutputError: if the folder cannot be written.
    """
    if lacking := missing(spec, folder):
        raise DatasetError(f"{folder} lacks {len(lacking)} of {spec.shards} shards: --resume makes them")
    pieces = [folder / BEGUN / _name(number) for number in range(spec.shards)]
    rows = [_read_row(spec, piece, number).to_json() for number, piece in enumerate(pieces)]
    if spec.format in FOLDERS:
        folder_form(spec.format).gather(pieces, folder, generator.classes)
    else:
        for number, piece in enumerate(pieces):
            file = piece / spec.file_name(number)
            if file.exists():  # else it was moved before this was stopped
                file.replace(folder / file.name)
    card.write(folder, generator, spec)
    provenance.write(folder, generator, spec, rows)
    shutil.rmtree(folder / BEGUN)


def _is_whole(spec: DatasetSpec, folder: Path, number: int) -> bool:
    """Tell whether a shard that seems ready has its row and its file, which may have been gathered already."""
    piece, part = folder / BEGUN / _name(number), spec.part(number)
    try:
        row = json.loads((piece / _ROW).read_bytes())
        sound = (
            ShardRow(number, spec.start + part.start, len(part), str(row["pixels_sha256"])).to_json() == row
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    if spec.format in FOLDERS:
        return bool(sound)
    name = spec.file_name(number)
    return bool(sound) and ((piece / name).is_file() or (folder / name).is_file())


def _made(folder: Path) -> Path:
    place = Path(os.path.realpath(folder), BEGUN)  # a link may lead to what is to be made
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    return place


def _read_row(spec: DatasetSpec, piece: Path, number: int) -> ShardRow:
    """Return the manifest row that lies in a piece, which is to be that of shard `number`."""
    part = spec.part(number)
    try:
        said = json.loads((piece / _ROW).read_bytes())
        row = ShardRow(number, spec.start + part.start, len(part), str(said["pixels_sha256"]))
        if row.to_json() == said:
            return row
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        pass
    raise DatasetError(
        f"{piece / _ROW} is damaged: without the folder {piece}, --resume makes the shard again"
    )


def _name(number: int) -> str:
    return f"{number:05}"


@lru_cache(maxsize=1)
def _generator(model: str, sha256: str, threads: int | str | None, backend: str | None) -> Generator:
    """Return this process's generator, so that the next shard finds its network ready."""
    generator = Generator(model, threads=threads, backend=backend)
    if generator.model_sha256 != sha256:
        raise ModelError(f"model {model} is another one here than where the dataset was begun")
    return generator

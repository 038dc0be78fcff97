"""Verifying a dataset on disk: draw it again and compare everything with what the files hold."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.bounded import check_regular
from scorp_runtime.files.decoding import decoding
from scorp_runtime.formats import FOLDERS, STREAMS, folder_form, shard_format
from scorp_runtime.formats.job import Sample
from scorp_runtime.formats.stored import Stored
from scorp_runtime.inference.engine import Engine

from .manifest import FILE, Provenance
from .spec import DatasetSpec


def verify_shard(generator: Engine, found: Provenance, folder: Path, number: int) -> int:
    """Compare one shard of a dataset in a folder.

    Args:
        generator: of the model that made the dataset.
        found: the provenance of the dataset.
        folder: where it lies.
        number: of the shard.

    Returns:
        the number of its pictures or pages.

    Raises:
        DatasetError: naming the first that is not as it was made.
    """
    spec = found.spec
    pixels = hashlib.sha256()
    try:
        job = spec.job(generator, number, lambda images: pixels.update(images.data))
    except RequestError as error:  # not of whoever verifies, but of the file
        raise DatasetError(f"{folder / FILE} is damaged: {error}") from None
    with_files = zip_longest(job.samples(), _stored(generator, spec, folder, number))
    for place, (sample, stored) in enumerate(with_files):
        where = f"{spec.sample} {place} of shard {number}"
        if sample is None or stored is None:
            raise DatasetError(f"{where} is {'missing' if stored is None else 'one too many'}")
        _compare(sample, stored, spec.sample)
    if pixels.hexdigest() != found.pixels_sha256[number]:
        raise DatasetError(f"the provenance has another checksum for the {spec.sample}s of shard {number}")
    return job.count


def verify_nothing_added(found: Provenance, folder: Path, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if a reader of the folder would find anything that the dataset does not have."""
    spec = found.spec
    if spec.format in FOLDERS:
        with decoding(DatasetError, folder):
            folder_form(spec.format).check_whole(folder, spec.count, classes)
        return
    known = {spec.file_name(number) for number in range(spec.shards)}
    added = {path.name for path in folder.glob(f"train-*{STREAMS[spec.format]}")} - known
    if added:
        raise DatasetError(f"{folder} has {min(added)}, which is none of its shards")


def _stored(generator: Engine, spec: DatasetSpec, folder: Path, number: int) -> Iterator[Stored]:
    with decoding(DatasetError, folder):
        if spec.format in FOLDERS:
            part = spec.part(number)
            form = folder_form(spec.format)
            yield from form.read(folder, part.start, len(part), generator.classes)
            return
        name = spec.file_name(number)
        check_regular(folder / name)
        with (folder / name).open("rb") as stream:
            yield from shard_format(spec.format).read(stream, name, generator.classes)


def _compare(sample: Sample, stored: Stored, what: str) -> None:
    if not np.array_equal(stored.image, sample.image):
        address = f"{what} {sample.said['index']} of seed {sample.said['seed']}"
        raise DatasetError(f"{stored.where} has other pixels than {address}")
    for column, held in stored.said.items():
        made = sample.said.get(column)
        if held != made:
            raise DatasetError(f"{stored.where} has the {column} {_shown(held)}, not {_shown(made)}")


def _shown(value: object) -> str:
    return f"{value}"[:80]

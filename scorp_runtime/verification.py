"""Verifying a dataset on disk: draw it again and compare every picture with what the files hold."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from .dataset_spec import DatasetSpec
from .errors import DatasetError
from .generator import Generator
from .provenance import Provenance
from .writers import FOLDER, FOLDERS, SHARDS, STREAMS, folder_form, shard_format
from .writers.job import Job, Picture
from .writers.stored import Stored


def verify_shard(generator: Generator, found: Provenance, folder: Path, number: int) -> int:
    """Compare one shard of a dataset in a folder.

    Args:
        generator: of the model that made the dataset.
        found: the provenance of the dataset.
        folder: where it lies.
        number: of the shard.

    Returns:
        the number of its pictures.

    Raises:
        DatasetError: naming the first picture that is not as it was made.
    """
    spec = found.spec
    pixels = hashlib.sha256()
    job = spec.job(generator, number, lambda batch: pixels.update(batch.images.data))
    with_files = zip_longest(job.pictures(), _stored(generator, spec, folder, number))
    for place, (picture, stored) in enumerate(with_files):
        _compare(job, picture, stored, f"picture {place} of shard {number}")
    if pixels.hexdigest() != found.pixels_sha256[number]:
        raise DatasetError(f"the provenance has another checksum for the pictures of shard {number}")
    return job.count


def verify_nothing_added(found: Provenance, folder: Path, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if a reader of the folder would find pictures that the dataset does not have."""
    spec = found.spec
    if spec.format == FOLDER:
        files = sum(1 for name in classes for _ in (folder / name).glob("*.png"))
        if files != spec.count:
            raise DatasetError(
                f"{folder} has {files} PNG files in the folders of its classes, not {spec.count}"
            )
    elif spec.format in SHARDS:
        known = {spec.file_name(number) for number in range(spec.shards)}
        added = {path.name for path in folder.glob(f"train-*{STREAMS[spec.format]}")} - known
        if added:
            raise DatasetError(f"{folder} has {min(added)}, which is none of its shards")


def _stored(generator: Generator, spec: DatasetSpec, folder: Path, number: int) -> Iterator[Stored]:
    try:
        if spec.format in FOLDERS:
            part = spec.part(number)
            form = folder_form(spec.format)
            yield from form.read(folder, part.start, len(part), generator.classes)
            return
        name = spec.file_name(number)
        with (folder / name).open("rb") as stream:
            yield from shard_format(spec.format).read(stream, name, generator.classes)
    except OSError as error:
        raise DatasetError(f"cannot read {error.filename or folder}: {error.strerror or error}") from None


def _compare(job: Job, picture: Picture | None, stored: Stored | None, place: str) -> None:
    if picture is None or stored is None:
        raise DatasetError(f"{place} is {'missing' if stored is None else 'one too many'}")
    expected = np.kron(picture.image, np.ones((job.scale or 1,) * 2, np.uint8))
    if not np.array_equal(stored.image, expected):
        raise DatasetError(
            f"{stored.where} has other pixels than picture {picture.index} of seed {picture.seed}"
        )
    for what, held, made in (
        ("label", stored.label, picture.label),
        ("seed", stored.seed, picture.seed),
        ("index", stored.index, picture.index),
        ("writer", stored.writer, picture.writer),
        ("style", stored.styles, tuple(picture.styles.values())),
    ):
        if held is not None and held != made:
            raise DatasetError(f"{stored.where} has the {what} {held}, not {made}")

"""Verifying a dataset on disk: draw it again and compare every pixel and field with the files."""

import hashlib
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from scorp_runtime.errors import DatasetError, shortened
from scorp_runtime.files.decoding import decoding
from scorp_runtime.formats import load_format
from scorp_runtime.formats.format import StoredSample
from scorp_runtime.formats.job import Sample
from scorp_runtime.inference.engine import Engine

from .manifest import FILE, Manifest


def verify_shard(engine: Engine, manifest: Manifest, folder: Path, number: int) -> int:
    """Draw a shard again, compare it with its files, and return its size; `DatasetError` names a difference."""
    spec = manifest.spec
    pixels = hashlib.sha256()
    try:
        job = spec.job(engine, number, lambda images: pixels.update(images.data))
    except (AttributeError, TypeError, ValueError) as error:  # the file is wrong, not the user's request
        raise DatasetError(f"{folder / FILE} is damaged: {error}") from None
    with decoding(DatasetError, folder):
        stored_samples = load_format(spec.format).read(folder, spec.shard(number), engine.classes)
        for position, (sample, stored) in enumerate(zip_longest(job.samples(), stored_samples)):
            if sample is None or stored is None:
                problem = "missing" if stored is None else "one too many"
                raise DatasetError(f"{spec.sample} {position} of shard {number} is {problem}")
            _compare(sample, stored, spec.sample)
    if pixels.hexdigest() != manifest.pixels_sha256[number]:
        raise DatasetError(f"{FILE} has another checksum for the {spec.sample}s of shard {number}")
    return job.count


def verify_nothing_added(manifest: Manifest, folder: Path, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if a reader of the folder would find samples that the dataset does not have."""
    spec = manifest.spec
    shards = [spec.shard(number) for number in range(spec.shards)]
    with decoding(DatasetError, folder):
        load_format(spec.format).check_whole(folder, shards, classes)


def _compare(sample: Sample, stored: StoredSample, what: str) -> None:
    if not np.array_equal(stored.image, sample.image):
        address = f"{what} {sample.fields['index']} of seed {sample.fields['seed']}"
        raise DatasetError(f"{stored.source} has other pixels than {address}")
    for column, value in stored.fields.items():
        expected = sample.fields.get(column)
        if value != expected:
            values = f"{shortened(str(value))}, not {shortened(str(expected))}"
            raise DatasetError(f"{stored.source} has the {column} {values}")

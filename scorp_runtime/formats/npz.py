"""Format `npz`: images, labels and styles for `numpy.load`."""

import math
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from .format import FileFormat, StoredSample
from .job import ImageJob
from .npy import check_arrays, write_header

_LARGEST = 1 << 20  # bytes of an image or a row, read at once
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can store: the same images make the same file


class NpzFormat(FileFormat[ImageJob]):
    """Arrays `images`, `labels`, `styles`, `classes`, `knobs`, `seed`, `start` and, if there is one, `writer`."""

    image_files = "`train-*.npz` with `images`, `labels`, `styles`, `classes`, `knobs`, `seed` and `start`"

    def check(self, job: ImageJob) -> None:
        check_arrays(job)

    def write_file(self, job: ImageJob, stream: BinaryIO) -> None:
        """Write the arrays; labels and styles are held in memory, images are not."""
        archive = ZipFile(stream, "w")
        try:
            _fill(archive, job)
            archive.close()
        except BaseException:
            archive.fp = None  # so that the garbage collector does not write the rest
            raise

    def read_file(self, stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[StoredSample]:
        with ZipFile(stream) as archive:
            (knobs,), (start,) = _read(archive, "knobs", 0), _read(archive, "start", 0)
            stored = [key for key in ("seed", "writer") if f"{key}.npy" in archive.namelist()]
            fixed = {key: int(value) for key in stored for value in _read(archive, key, 0)}
            rows = zip(*(_read(archive, key) for key in ("images", "labels", "styles")), strict=True)
            for number, (image, label, values) in enumerate(rows):
                styles = zip(knobs.tolist(), values.tolist(), strict=True)
                fields = {**fixed, "label": label.item(), "index": int(start) + number, **dict(styles)}
                yield StoredSample(f"image {number} of {name}", image, fields)


def _read(archive: ZipFile, name: str, axes: int = 1) -> Iterator[npt.NDArray[np.generic]]:
    """Yield the rows of an array, or with `axes` 0 the array itself.

    Nothing is allocated before its size is checked, because an archive may unzip to more than fits into memory.
    """
    with archive.open(f"{name}.npy") as entry:
        if archive.getinfo(f"{name}.npy").compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ValueError(f"{name} has an unknown compression")
        if npy_format.read_magic(entry) != (1, 0):
            raise ValueError(f"{name} has another version of the .npy format")
        shape, is_fortran, dtype = npy_format.read_array_header_1_0(entry)
        size = math.prod(shape[axes:]) * dtype.itemsize
        if len(shape) < axes or min(shape, default=0) < 0 or size > _LARGEST or is_fortran or dtype.hasobject:
            raise ValueError(f"{name} has an unexpected shape or type: {shape}, {dtype}"[:200])
        for _ in range(math.prod(shape[:axes])):
            data = entry.read(size)
            if len(data) < size:
                raise ValueError(f"{name} is too short")
            yield np.ndarray(shape[axes:], dtype, data)
        if entry.read(1):
            raise ValueError(f"{name} is too long")


def _fill(archive: ZipFile, job: ImageJob) -> None:
    labels, styles = [], []
    with archive.open(_entry("images"), "w", force_zip64=True) as images:
        write_header(job, images)
        for batch in job.batches():
            images.write(batch.images.tobytes())
            labels.append(batch.labels)
            styles.append(batch.styles)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "labels": np.concatenate(labels),
        "styles": np.concatenate(styles),
        "classes": np.array(job.info.classes),
        "knobs": np.array([knob.name for knob in job.info.knobs], np.str_),
        "seed": np.array(job.seed, np.uint64),
        "start": np.array(job.start, np.uint64),
    }
    if job.writer is not None:
        arrays["writer"] = np.array(job.writer, np.uint64)
    for name, array in arrays.items():
        with archive.open(_entry(name), "w", force_zip64=True) as entry:
            npy_format.write_array(entry, array, allow_pickle=False)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(f"{name}.npy", _NO_TIME)
    entry.compress_type = ZIP_DEFLATED
    return entry


FORMAT = NpzFormat()

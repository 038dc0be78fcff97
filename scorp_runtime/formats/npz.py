"""Pictures, labels and styles as one `.npz` file, for `numpy.load`."""

import math
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.decoding import decoding

from . import npy
from .job import Job
from .stored import Stored

check = npy.check

_LARGEST = 1 << 20  # bytes of a picture, which is the most that is read at once
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same pictures make the same file


def write(job: Job, stream: BinaryIO) -> None:
    """Write images, labels, styles, classes, knobs, seed, start and the writer, if any.

    Labels and styles are held in memory, 8 bytes and 4 bytes per knob for each image; images are not.
    """
    archive = ZipFile(stream, "w")
    try:
        _fill(archive, job)
        archive.close()
    except BaseException:
        archive.fp = None  # given up: nothing more is written, not even when the archive is collected
        raise


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`, in constant memory.

    Raises:
        DatasetError: if the file is no such archive.
    """
    with decoding(DatasetError, name), ZipFile(stream) as archive:
        (knobs,), (start,) = _read(archive, "knobs", 0), _read(archive, "start", 0)
        held = [key for key in ("seed", "writer") if f"{key}.npy" in archive.namelist()]
        fixed = {key: int(value) for key in held for value in _read(archive, key, 0)}
        rows = zip(*(_read(archive, key) for key in ("images", "labels", "styles")), strict=True)
        for place, (image, label, values) in enumerate(rows):
            styles = zip(knobs.tolist(), values.tolist(), strict=True)
            said = {**fixed, "label": label.item(), "index": int(start) + place, **dict(styles)}
            yield Stored(f"picture {place} of {name}", image, said)


def _read(archive: ZipFile, name: str, axes: int = 1) -> Iterator[npt.NDArray[np.generic]]:
    """Yield what an array has along its first axis, or the array itself for 0 axes.

    An archive may unzip to more than any memory holds, and its headers may claim it.
    """
    with archive.open(f"{name}.npy") as entry:
        if archive.getinfo(f"{name}.npy").compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ValueError(f"{name} is packed in another way")
        if npy_format.read_magic(entry) != (1, 0):
            raise ValueError(f"{name} is of another version of the format")
        shape, backwards, kind = npy_format.read_array_header_1_0(entry)
        size = math.prod(shape[axes:]) * kind.itemsize
        if len(shape) < axes or min(shape, default=0) < 0 or size > _LARGEST or backwards or kind.hasobject:
            raise ValueError(f"{name} holds no such array: {shape}, {kind}"[:200])
        for _ in range(math.prod(shape[:axes])):
            data = entry.read(size)
            if len(data) < size:
                raise ValueError(f"{name} ends too early")
            yield np.ndarray(shape[axes:], kind, data)
        if entry.read(1):
            raise ValueError(f"{name} goes on after its end")


def _fill(archive: ZipFile, job: Job) -> None:
    labels, styles = [], []
    header = {"descr": "|u1", "fortran_order": False, "shape": (job.count, *job.image_shape)}
    with archive.open(_entry("images"), "w", force_zip64=True) as images:
        npy_format.write_array_header_1_0(images, header)
        for batch in job.batches():
            images.write(batch.images.tobytes())
            labels.append(batch.labels)
            styles.append(batch.styles)
    _add(archive, "labels", np.concatenate(labels))
    _add(archive, "styles", np.concatenate(styles))
    _add(archive, "classes", np.array(job.info.classes))
    _add(archive, "knobs", np.array([knob.name for knob in job.info.knobs], np.str_))
    _add(archive, "seed", np.array(job.seed, np.uint64))
    _add(archive, "start", np.array(job.start, np.uint64))
    if job.writer is not None:
        _add(archive, "writer", np.array(job.writer, np.uint64))


def _add(archive: ZipFile, name: str, array: npt.NDArray[np.generic]) -> None:
    with archive.open(_entry(name), "w", force_zip64=True) as entry:
        npy_format.write_array(entry, array, allow_pickle=False)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(f"{name}.npy", _NO_TIME)
    entry.compress_type = ZIP_DEFLATED
    return entry

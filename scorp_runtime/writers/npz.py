"""Pictures, labels and styles as one `.npz` file, for `numpy.load`."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from ..errors import DatasetError
from . import npy
from .job import Job
from .stored import Stored

check = npy.check

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same pictures make the same file


def write(job: Job, stream: BinaryIO) -> None:
    """Write images, labels, styles, classes, knobs, seed, start and the writer, if any, in constant memory."""
    archive = ZipFile(stream, "w")
    try:
        _fill(archive, job)
        archive.close()
    except BaseException:
        archive.fp = None  # given up: nothing more is written, not even when the archive is collected
        raise


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`.

    Raises:
        DatasetError: if the file is no such archive.
    """
    try:
        with np.load(stream, allow_pickle=False) as arrays:
            images, labels, styles = arrays["images"], arrays["labels"].tolist(), arrays["styles"].tolist()
            knobs, start = arrays["knobs"].tolist(), int(arrays["start"])
            fixed = {key: int(arrays[key]) for key in ("seed", "writer") if key in arrays}
        for place, (image, label, values) in enumerate(zip(images, labels, styles, strict=True)):
            said = {**fixed, "label": label, "index": start + place, **dict(zip(knobs, values, strict=True))}
            yield Stored(f"picture {place} of {name}", image, said)
    except (BadZipFile, OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{name} is damaged: {error}") from None


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

"""The two IDX files of MNIST: pictures and labels, read by whatever reads MNIST."""

import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import LARGEST, check_regular

from . import npy
from .job import Job
from .stored import Stored

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
_MOST_PICTURES = (1 << 32) - 1  # that a header can count
_MOST_CLASSES = 256
_UNSIGNED_BYTES = 0x08
_COPIED_AT_ONCE = 1 << 24


def check(job: Job) -> None:
    """Refuse to enlarge pixels, and what does not fit into bytes and the header."""
    npy.check(job)
    if len(job.info.classes) > _MOST_CLASSES or job.count > _MOST_PICTURES:
        raise RequestError(f"IDX holds at most {_MOST_PICTURES} pictures of {_MOST_CLASSES} classes")


def write(job: Job, folder: Path) -> None:
    """Write both files into a folder, in constant memory."""
    with (folder / IMAGES).open("wb") as images, (folder / LABELS).open("wb") as labels:
        images.write(_header(job.count, *job.image_shape))
        labels.write(_header(job.count))
        for batch in job.batches():
            images.write(batch.images.tobytes())
            labels.write(batch.labels.astype(np.uint8).tobytes())


def gather(pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
    """Join the files of the pieces, each of them written by `write`, in order."""
    for name, axes in ((IMAGES, 3), (LABELS, 1)):
        with atomic_file(folder / name) as joined:
            shapes = []
            for piece in pieces:
                with (piece / name).open("rb") as stream:
                    shapes.append(_read_header(stream, axes, name))
            joined.write(_header(sum(shape[0] for shape in shapes), *shapes[0][1:]))
            for piece in pieces:
                with (piece / name).open("rb") as stream:
                    _read_header(stream, axes, name)
                    shutil.copyfileobj(stream, joined, _COPIED_AT_ONCE)


def read(folder: Path, first: int, count: int, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield `count` pictures from number `first` on.

    Raises:
        DatasetError: if the files are not those of `write`.
    """
    for name in (IMAGES, LABELS):
        check_regular(folder / name)
    with (folder / IMAGES).open("rb") as images, (folder / LABELS).open("rb") as labels:
        total, height, width = _read_header(images, 3, IMAGES)
        if _read_header(labels, 1, LABELS) != (total,):
            raise DatasetError(f"{LABELS} has not as many labels as {IMAGES} pictures")
        if height * width > LARGEST:
            raise DatasetError(f"{IMAGES} is damaged: pictures of {height} x {width} pixels")
        images.seek(first * height * width, 1)
        labels.seek(first, 1)
        for place in range(first, first + count):
            pixels, label = images.read(height * width), labels.read(1)
            if len(pixels) < height * width or not label:
                raise DatasetError(f"{IMAGES} or {LABELS} ends before picture {place}")
            image = np.frombuffer(pixels, np.uint8).reshape(height, width)
            yield Stored(f"picture {place} of {IMAGES}", image, {"label": label[0]})


def check_whole(folder: Path, count: int, classes: Sequence[str]) -> None:
    """Raise `DatasetError` if there are more pictures."""
    with (folder / IMAGES).open("rb") as images:
        total, height, width = _read_header(images, 3, IMAGES)
    size = (folder / IMAGES).stat().st_size - len(_header(total, height, width))
    if total != count or size != total * height * width:
        raise DatasetError(f"{IMAGES} holds more than {count} pictures")


def _header(*shape: int) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, _UNSIGNED_BYTES, len(shape), *shape)


def _read_header(stream: BinaryIO, axes: int, name: str) -> tuple[int, ...]:
    header = stream.read(4 + 4 * axes)
    if len(header) < 4 + 4 * axes or header[:4] != struct.pack(">HBB", 0, _UNSIGNED_BYTES, axes):
        raise DatasetError(f"{name} does not begin as an IDX file")
    return struct.unpack_from(f">{axes}I", header, 4)


def files(folder: Path) -> set[str]:
    """Return the names of both files."""
    return {IMAGES, LABELS}

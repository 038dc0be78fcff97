"""Format `idx`: the two files of MNIST's training set, images and labels."""

import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import LARGEST, check_regular

from .format import Format, Shard, StoredSample
from .job import ImageJob
from .npy import check_arrays

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
_MOST_IMAGES = (1 << 32) - 1  # that a header can count
_MOST_CLASSES = 256
_UNSIGNED_BYTES = 0x08
_COPIED_AT_ONCE = 1 << 24


class IdxFormat(Format[ImageJob]):
    """Files that readers of MNIST read."""

    image_files = "`train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, as in MNIST"

    def check(self, job: ImageJob) -> None:
        """Refuse a scale, and more classes or images than the format can hold."""
        check_arrays(job)
        if len(job.info.classes) > _MOST_CLASSES or job.count > _MOST_IMAGES:
            raise RequestError(f"IDX holds at most {_MOST_IMAGES} images of {_MOST_CLASSES} classes")

    def write(self, job: ImageJob, piece: Path, shard: Shard) -> None:
        with (piece / IMAGES).open("wb") as images, (piece / LABELS).open("wb") as labels:
            images.write(_header(job.count, *job.image_shape))
            labels.write(_header(job.count))
            for batch in job.batches():
                images.write(batch.images.tobytes())
                labels.write(batch.labels.astype(np.uint8).tobytes())

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        for name, axes in ((IMAGES, 3), (LABELS, 1)):
            shapes = [_read_shape(piece / name, axes) for piece in pieces]
            with atomic_file(folder / name) as joined:
                joined.write(_header(sum(shape[0] for shape in shapes), *shapes[0][1:]))
                for piece in pieces:
                    with (piece / name).open("rb") as stream:
                        stream.seek(_header_size(axes))
                        shutil.copyfileobj(stream, joined, _COPIED_AT_ONCE)

    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        total, height, width = _read_shape(folder / IMAGES, 3)
        if _read_shape(folder / LABELS, 1) != (total,):
            raise DatasetError(f"{LABELS} and {IMAGES} have different counts")
        size = height * width
        if size > LARGEST:
            raise DatasetError(f"{IMAGES} is damaged: images of {height} x {width} pixels")
        with (folder / IMAGES).open("rb") as images, (folder / LABELS).open("rb") as labels:
            images.seek(_header_size(3) + shard.samples.start * size)
            labels.seek(_header_size(1) + shard.samples.start)
            for number in shard.samples:
                pixels, label = images.read(size), labels.read(1)
                if len(pixels) < size or not label:
                    raise DatasetError(f"{IMAGES} or {LABELS} ends before image {number}")
                image = np.frombuffer(pixels, np.uint8).reshape(height, width)
                yield StoredSample(f"image {number} of {IMAGES}", image, {"label": label[0]})

    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        count = shards[-1].samples.stop
        total, height, width = _read_shape(folder / IMAGES, 3)
        size = (folder / IMAGES).stat().st_size - _header_size(3)
        if total != count or size != total * height * width:
            raise DatasetError(f"{IMAGES} has more than {count} images")

    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        return {IMAGES, LABELS}


def _header_size(axes: int) -> int:
    return 4 + 4 * axes


def _header(*shape: int) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, _UNSIGNED_BYTES, len(shape), *shape)


def _read_shape(path: Path, axes: int) -> tuple[int, ...]:
    check_regular(path)
    with path.open("rb") as stream:
        header = stream.read(_header_size(axes))
    if len(header) < _header_size(axes) or header[:4] != struct.pack(">HBB", 0, _UNSIGNED_BYTES, axes):
        raise DatasetError(f"{path.name} does not start with an IDX header")
    return struct.unpack_from(f">{axes}I", header, 4)


FORMAT = IdxFormat()

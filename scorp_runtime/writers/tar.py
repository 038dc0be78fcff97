"""A WebDataset: a tar file in which `<index>.png` and `<index>.json` are one sample.

Entries are in order of index, of no owner and no time, so that the same pictures make the same bytes wherever PNG is
encoded alike.
"""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ..errors import DatasetError
from . import png_files
from .job import Job, Picture
from .picture import picture_png, read_png
from .stored import Stored

check = png_files.check


def write(job: Job, stream: BinaryIO) -> None:
    """Write the samples, in constant memory; the JSON holds label, class, seed, index, any writer and the knobs."""
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
        for picture in job.pictures():
            name = job.index_name(picture.index)
            _add(archive, f"{name}.png", picture_png(job, picture))
            _add(archive, f"{name}.json", json.dumps(_description(picture)).encode())


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`.

    Raises:
        DatasetError: if the file is no such tar.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            entries = iter(archive)
            for entry in entries:
                image = read_png(io.BytesIO(_content(archive, entry)))
                said = json.loads(_content(archive, next(entries)))
                styles = tuple(said[key] for key in said if key not in _FIXED)
                hand = int(said["writer"]) if "writer" in said else None
                where = f"{name}/{entry.name}"
                yield Stored(where, image, said["label"], int(said["seed"]), int(said["index"]), styles, hand)
    except (tarfile.TarError, OSError, StopIteration, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{name} is damaged: {error}") from None


_FIXED = ("label", "class", "seed", "index", "writer")


def _description(picture: Picture) -> dict[str, object]:
    said: dict[str, object] = {
        "label": picture.label,
        "class": picture.class_name,
        "seed": str(picture.seed),
        "index": str(picture.index),
    }
    if picture.writer is not None:
        said["writer"] = str(picture.writer)
    return {**said, **picture.styles}


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # of mode 644, owner 0 and time 0
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(entry)
    if stream is None:
        raise ValueError(f"{entry.name} is no file")
    return stream.read()

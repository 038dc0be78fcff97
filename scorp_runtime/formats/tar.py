"""Format `tar`: a WebDataset, in which `<index>.png` and `<index>.json` are one sample.

Entries are in order of index and have no owner and no time, so the same images make the same file.
"""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Self

from scorp_runtime.files.bounded import LARGEST

from .format import FileFormat, StoredSample
from .job import Job
from .png import png_bytes, read_png

_TEXTS = ("seed", "index", "writer")  # stored as text, because many JSON readers hold numbers as doubles
_LARGEST_JSON = 1 << 22  # bytes; the longest page has a sixth of them


class TarFormat(FileFormat[Job]):
    """WebDataset shards."""

    image_files = "`train-*.tar`, WebDataset shards of `<index>.png` and `<index>.json`"
    page_files = (
        "`train-*.tar`, WebDataset shards of `<index>.png` and `<index>.json`, which has text and boxes"
    )
    data_files = "train-*.tar"

    def write_file(self, job: Job, stream: BinaryIO) -> None:
        """Write the samples, in constant memory; the JSON holds all fields."""
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
            for sample in job.samples():
                fields = {key: str(value) if key in _TEXTS else value for key, value in sample.fields.items()}
                _add(archive, f"{sample.name}.png", png_bytes(sample.image, sample.address))
                _add(archive, f"{sample.name}.json", json.dumps(fields).encode())

    def read_file(self, stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[StoredSample]:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_RegularFile) as archive:
            entries = iter(archive)
            for entry in entries:
                image = read_png(io.BytesIO(_content(archive, entry, LARGEST)))
                fields = json.loads(_content(archive, next(entries), _LARGEST_JSON))
                numbers = {key: int(fields[key]) for key in _TEXTS if key in fields}
                yield StoredSample(f"{name}/{entry.name}", image, fields | numbers)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # mode 644, owner 0 and time 0
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


class _RegularFile(tarfile.TarInfo):
    """A header of a regular file. Headers of other types can make tarfile fill the memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        """Continue after a header. The public `frombuf` does not work here: newer Pythons do not call it."""
        if self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise ValueError(f"{self.name} is not a file")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    stream = archive.extractfile(entry)
    if stream is None or not 0 <= entry.size <= most:
        raise ValueError(f"{entry.name} has {entry.size} bytes")
    return stream.read()


FORMAT = TarFormat()

"""A WebDataset: a tar file in which `<index>.png` and `<index>.json` are one sample.

Entries are in order of index, of no owner and no time, so that the same pictures make the same bytes wherever PNG is
encoded alike.
"""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Self

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.bounded import LARGEST
from scorp_runtime.files.decoding import decoding

from .png_codec import png_bytes, read_png
from .stored import Stored

if TYPE_CHECKING:
    from . import AnyJob

_ADDRESS = ("seed", "index", "writer")  # as text: many JSON readers hold numbers as doubles
_LONGEST = 1 << 22  # bytes of JSON; that of the longest page has a sixth of them


def check(job: "AnyJob") -> None:
    """Every job suits."""


def write(job: "AnyJob", stream: BinaryIO) -> None:
    """Write the samples, in constant memory; the JSON holds all that is said of them."""
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
        for sample in job.samples():
            said = {key: str(value) if key in _ADDRESS else value for key, value in sample.said.items()}
            _add(archive, f"{sample.name}.png", png_bytes(sample.image, sample.address))
            _add(archive, f"{sample.name}.json", json.dumps(said).encode())


def read(stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[Stored]:
    """Yield what `write` wrote into the file `name`.

    Raises:
        DatasetError: if the file is no such tar.
    """
    with (
        decoding(DatasetError, name),
        tarfile.open(fileobj=stream, mode="r|", tarinfo=_PlainFile) as archive,
    ):
        entries = iter(archive)
        for entry in entries:
            image = read_png(io.BytesIO(_content(archive, entry, LARGEST)))
            said = json.loads(_content(archive, next(entries), _LONGEST))
            numbers = {key: int(said[key]) for key in _ADDRESS if key in said}
            yield Stored(f"{name}/{entry.name}", image, said | numbers)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # of mode 644, owner 0 and time 0
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


class _PlainFile(tarfile.TarInfo):
    """A header as `write` makes them. Others can make tarfile itself fill the memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        """Go on behind a header; `frombuf` is public, but newer Pythons pass it by."""
        if self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise ValueError(f"{self.name} is no file")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    stream = archive.extractfile(entry)
    if stream is None or not 0 <= entry.size <= most:
        raise ValueError(f"{entry.name} has {entry.size} bytes")
    return stream.read()

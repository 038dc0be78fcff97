"""The formats that pictures and pages are written in: one module each, and this list of them.

A module of a *stream* format has `check(job)`, which refuses before any work what it cannot write, and
`write(job, stream)`. One of a *folder* form has `write(job, folder)` instead. Formats that datasets are made of can
also be read back, by `read`, and a folder form joins the folders of several jobs by `gather`. Modules are imported
when used, so that the list costs nothing.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from .job import Job
    from .page_job import PageJob
    from .stored import Stored

    AnyJob = Job | PageJob

STREAMS = {"png": ".png", "npz": ".npz", "npy": ".npy", "tar": ".tar", "parquet": ".parquet"}
"""The formats that fit into one file: their names, which are their modules', and their extensions."""

FOLDER = "folder"
"""The form of one PNG file per picture."""

PAGES = "pages"
"""The form of one PNG file per page of text, with the boxes of its characters."""

FOLDERS = (FOLDER, "idx", PAGES)
"""The forms of several files: their names, which are their modules'."""

FORMATS = (*STREAMS, FOLDER, "idx")
"""What pictures are written in."""

PAGE_FORMATS = ("png", "tar", "parquet", PAGES)
"""What pages are written in."""

SHARDS = ("npz", "tar", "parquet")
"""The stream formats that a dataset may be made of: those that hold labels."""


class StreamWriter(Protocol):
    """What a module of a stream format offers."""

    def check(self, job: "AnyJob") -> None:
        """Raise `RequestError` if the job does not suit the format."""

    def write(self, job: "AnyJob", stream: BinaryIO) -> None:
        """Write the pictures of the job; the stream need not be seekable."""


class ShardFormat(StreamWriter, Protocol):
    """What the module of a format in `SHARDS` offers."""

    def read(self, stream: BinaryIO, name: str, classes: Sequence[str]) -> "Iterator[Stored]":
        """Yield the pictures of a file of that name, or raise `DatasetError`."""


class FolderForm(Protocol):
    """What a module of a folder form offers."""

    def check(self, job: "AnyJob") -> None:
        """Raise `RequestError` if the job does not suit the form."""

    def write(self, job: "AnyJob", folder: Path) -> None:
        """Write the pictures of the job into an empty folder."""

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        """Make one of the folders that several jobs were written to; begun and stopped, it can be done again."""

    def read(self, folder: Path, first: int, count: int, classes: Sequence[str]) -> "Iterator[Stored]":
        """Yield `count` pictures from number `first` on, or raise `DatasetError`."""

    def check_whole(self, folder: Path, count: int, classes: Sequence[str]) -> None:
        """Raise `DatasetError` if a reader of the folder would find anything beside `count` pictures."""

    def files(self, folder: Path) -> set[str]:
        """Return the names of the files that it writes, by the tables in the folder."""


def stream_writer(name: str) -> StreamWriter:
    """Return the module of a format in `STREAMS`."""
    return cast("StreamWriter", import_module(f".{name}", __name__))


def shard_format(name: str) -> ShardFormat:
    """Return the module of a format in `SHARDS`."""
    return cast("ShardFormat", import_module(f".{name}", __name__))


def folder_form(name: str) -> FolderForm:
    """Return the module of a form in `FOLDERS`."""
    return cast("FolderForm", import_module(f".{name}", __name__))

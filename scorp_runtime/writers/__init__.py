"""The formats that pictures are written in: one module each, and this list of them.

A module of a *stream* format has `check(job)`, which refuses before any work what it cannot write, and
`write(job, stream)`. The one of the folder form has `write(job, folder)` instead. Modules are imported when used, so
that the list costs nothing.
"""

from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from .job import Job

STREAMS = {"png": ".png", "npz": ".npz", "npy": ".npy"}
"""The formats that fit into one file: their names, which are their modules', and their extensions."""

FOLDER = "folder"
"""The form of one PNG file per picture."""

FORMATS = (*STREAMS, FOLDER)


class StreamWriter(Protocol):
    """What a module of a stream format offers."""

    def check(self, job: Job) -> None:
        """Raise `RequestError` if the job does not suit the format."""

    def write(self, job: Job, stream: BinaryIO) -> None:
        """Write the pictures of the job; the stream need not be seekable."""


class FolderWriter(Protocol):
    """What the module of the folder form offers."""

    def check(self, job: Job) -> None:
        """Raise `RequestError` if the job does not suit the form."""

    def write(self, job: Job, folder: Path) -> None:
        """Write the pictures of the job into an empty folder."""


def stream_writer(name: str) -> StreamWriter:
    """Return the module of a format in `STREAMS`."""
    return cast("StreamWriter", import_module(f".{name}", __name__))


def folder_writer() -> FolderWriter:
    """Return the module of the folder form."""
    return cast("FolderWriter", import_module(f".{FOLDER}", __name__))

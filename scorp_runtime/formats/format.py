"""The interface of an output format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import DatasetError
from scorp_runtime.files.bounded import check_regular
from scorp_runtime.files.decoding import decoding

from .job import Job

JobT = TypeVar("JobT", bound=Job, contravariant=True)


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a dataset."""

    file_name: str  # if the format has one file per shard
    samples: range  # positions of its images or pages in the dataset


@dataclass(frozen=True, slots=True, eq=False)
class StoredSample:
    """One image or page read from a file."""

    source: str  # the file and the entry or row in it, for messages
    image: npt.NDArray[np.generic]
    fields: Mapping[str, Any]  # those of `Sample.fields` that the format stores


class Format(ABC, Generic[JobT]):
    """How images or pages are stored.

    A dataset is written shard by shard, each into a folder of its own, called a piece. `gather` joins the pieces. The
    methods may raise any exception for a damaged file; call them inside `decoding`.
    """

    image_files: ClassVar[str] = ""
    page_files: ClassVar[str] = ""
    """Descriptions of the files of image and page datasets, for their cards (Markdown)."""
    data_files: ClassVar[str | tuple[str, ...]] = ""
    """Glob patterns of the files that Hugging Face datasets should load; empty if it cannot read the format."""
    has_csv_table: ClassVar[bool] = False
    """Whether the table is CSV. CSV has no types, so the card describes the columns."""

    def check(self, job: JobT) -> None:
        """Raise `RequestError` if the format cannot hold the job."""

    @abstractmethod
    def write(self, job: JobT, piece: Path, shard: Shard) -> None:
        """Draw a job and write it into an empty folder."""

    @abstractmethod
    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        """Move the contents of all pieces, in order, into a folder; after an interruption, do the rest."""

    @abstractmethod
    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        """Yield the samples of a shard of a gathered dataset."""

    @abstractmethod
    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        """Raise `DatasetError` if the folder has more samples than the shards, or its files contradict each other."""

    @abstractmethod
    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        """Return the names of the files, relative to the folder, that belong to the dataset or a piece."""


class FileFormat(Format[JobT]):
    """A format of one file; a dataset has one file per shard."""

    @abstractmethod
    def write_file(self, job: JobT, stream: BinaryIO) -> None:
        """Draw a job and write it; the stream need not be seekable."""

    def read_file(self, stream: BinaryIO, name: str, classes: Sequence[str]) -> Iterator[StoredSample]:
        """Yield the samples of a file, in constant memory; `name` is for messages."""
        raise NotImplementedError("only for formats of datasets")

    def write(self, job: JobT, piece: Path, shard: Shard) -> None:
        with (piece / shard.file_name).open("wb") as stream:
            self.write_file(job, stream)

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        for piece in pieces:
            for file in piece.glob("train-*"):
                file.replace(folder / file.name)

    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        path = folder / shard.file_name
        check_regular(path)
        with decoding(DatasetError, path.name), path.open("rb") as stream:
            yield from self.read_file(stream, path.name, classes)

    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        """Raise `DatasetError` if the folder has other files that look like shards."""
        pattern = f"train-*{Path(shards[0].file_name).suffix}"
        if added := {path.name for path in folder.glob(pattern)} - self.files(folder, shards):
            raise DatasetError(f"{folder} has {min(added)}, which is not one of its shards")

    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        return {shard.file_name for shard in shards}

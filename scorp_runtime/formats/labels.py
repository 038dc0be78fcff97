"""Folders of PNG files with a label file that has the name and the text of each, as tools for OCR read them.

The formats differ in the label file, and in whether each image has a text file beside it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import open_text, read_regular
from scorp_runtime.files.decoding import decoding

from .format import Format, Shard, StoredSample
from .page_job import PageJob
from .png import png_bytes, read_png
from .tables import file_inside

_TEXT_FILE = ".gt.txt"


class LabelFormat(Format[PageJob]):
    """Files `<index>.png`, and a label file."""

    label_file: ClassVar[str]
    one_line: ClassVar[bool] = True  # whether a text must be one line
    text_files: ClassVar[bool] = False  # whether each image has a file `<index>.gt.txt` with its text

    def line(self, file_name: str, text: str) -> str:
        """Return the line of an image in the label file, without the line feed."""
        return f"{file_name}\t{text}"

    def read_line(self, line: str) -> Sequence[str]:
        """Return the file name and the text of a line."""
        return line.split("\t")

    def check(self, job: PageJob) -> None:
        """Raise `RequestError` if a text may have several lines."""
        if self.one_line and {"\n", "\t"}.intersection(job.characters):
            raise RequestError(
                "this format has one line of text per image; use --format pages or imagefolder"
            )

    def write(self, job: PageJob, piece: Path, shard: Shard) -> None:
        with (piece / self.label_file).open("w", encoding="utf-8", newline="") as labels:
            for sample in job.samples():
                file_name, text = f"{sample.name}.png", sample.fields["text"]
                (piece / file_name).write_bytes(png_bytes(sample.image, sample.address))
                if self.text_files:
                    (piece / f"{sample.name}{_TEXT_FILE}").write_bytes(f"{text}\n".encode())
                labels.write(self.line(file_name, text) + "\n")

    def gather(self, pieces: Sequence[Path], folder: Path, classes: Sequence[str]) -> None:
        for piece in pieces:
            for source in piece.iterdir():
                if source.name.endswith((".png", _TEXT_FILE)):
                    source.replace(folder / source.name)
        with atomic_file(folder / self.label_file) as joined:
            for piece in pieces:
                joined.write((piece / self.label_file).read_bytes())

    def read(self, folder: Path, shard: Shard, classes: Sequence[str]) -> Iterator[StoredSample]:
        for file_name, text in islice(self._labels(folder), shard.samples.start, shard.samples.stop):
            with decoding(DatasetError, f"{self.label_file}, {file_name[:80]!r}"):
                path = file_inside(folder, file_name)
                text_file = path.with_suffix(_TEXT_FILE)
                if self.text_files and read_regular(text_file) != f"{text}\n".encode():
                    raise DatasetError(f"{text_file.name} and {self.label_file} have different texts")
                yield StoredSample(file_name, read_png(path), {"text": text})

    def check_whole(self, folder: Path, shards: Sequence[Shard], classes: Sequence[str]) -> None:
        count = shards[-1].samples.stop
        images, lines = sum(1 for _ in folder.glob("*.png")), sum(1 for _ in self._labels(folder))
        if images != count or lines != count:
            raise DatasetError(
                f"{folder} has {images} PNG files and {self.label_file} {lines} lines, not {count}"
            )

    def files(self, folder: Path, shards: Sequence[Shard]) -> set[str]:
        try:
            names = {file_name for file_name, _ in self._labels(folder)}
        except (DatasetError, OSError):
            names = set()
        texts = {str(Path(name).with_suffix(_TEXT_FILE)) for name in names} if self.text_files else set()
        return {self.label_file, *names, *texts}

    def _labels(self, folder: Path) -> Iterator[tuple[str, str]]:
        """Yield the file names and texts of the label file."""
        with decoding(DatasetError, self.label_file), open_text(folder / self.label_file) as stream:
            for line in stream:
                file_name, text = self.read_line(line.removesuffix("\n"))
                yield file_name, text

"""Where the texts of many pages come from: a list, or a file with one text per line."""

import codecs
import hashlib
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Protocol

from scorp_runtime.errors import DatasetError, LabelError, RequestError, short_repr
from scorp_runtime.files.bounded import check_regular
from scorp_runtime.files.decoding import decoding

from .layout import LONGEST
from .page import check_characters, check_text
from .pattern import Pattern
from .punctuation import MARKS
from .transliterate import transliterate

_LONGEST_LINE = 1 << 16  # bytes
_MOST_PLACES = 1 << 15  # of lines in a file, that are kept in memory
_WITHOUT_CLASS = MARKS | {" "}  # in models without these as classes


class Texts(Protocol):
    """Texts by seed and index."""

    @property
    def characters(self) -> Collection[str]:
        """The characters that the texts may have."""

    def draw(self, seed: int, index: int) -> str:
        """Return the text of a page."""

    def check(self, classes: Collection[str]) -> None:
        """Raise `LabelError` if a model with these classes cannot write each of the texts."""


def read_texts(texts: object) -> tuple[Texts, int]:
    """Return texts as `Generator.lines` takes them, and their number, 1 for a pattern; may raise `ScorpError`."""
    if isinstance(texts, Pattern):
        return texts, 1
    if isinstance(texts, PathLike):
        lines = open_lines(Path(texts))
        return lines, lines.count
    if isinstance(texts, str) or not isinstance(texts, Sequence) or not texts:
        raise RequestError(
            f"texts must be a list of str, a Pattern or the Path of a file, not {short_repr(texts)}"
        )
    return TextList(tuple(texts)), len(texts)


class TextList:
    """Texts in memory; the page with index `i` has number `i` modulo their number."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @property
    def characters(self) -> Collection[str]:
        """The characters of all texts."""
        return set().union(*self._texts)

    def draw(self, seed: int, index: int) -> str:
        """Return the text of a page; the seed does not matter."""
        return self._texts[index % len(self._texts)]

    def check(self, classes: Collection[str]) -> None:
        """Raise `LabelError` if a model with these classes cannot write each of the texts."""
        for number, text in enumerate(self._texts):
            try:
                check_text(text, classes)
            except LabelError as error:
                raise error if len(self._texts) == 1 else LabelError(f"text {number}: {error}") from None


class LineFile:
    """The texts in a UTF-8 file, one per line; the page with index `i` has number `i` modulo their number.

    White space around a line is removed, blank lines are skipped, and a byte order mark is ignored. The file is read
    once to check it. After that, memory holds the places of some lines, at most `_MOST_PLACES`.

    Attributes:
        path: of the file.
        count: number of texts.
        sha256: checksum of the file.
        characters: character -> number of the first line that has it.
    """

    def __init__(self, path: Path, *, in_ascii: bool) -> None:
        self.path = path
        self.count = 0
        self.characters = dict[str, int]()
        self._in_ascii = in_ascii
        self._marks_alone = dict[frozenset[str], int]()  # for lines without any other character: first line
        self._places, self._lines_per_place = list[int](), 1
        with path.open("rb") as stream:
            self.sha256 = self._scan(stream)
        if not self.count:
            raise RequestError(f"{path.name} has no text")

    def draw(self, seed: int, index: int) -> str:
        """Return the text of a page; the seed does not matter."""
        place, lines = divmod(index % self.count, self._lines_per_place)
        with decoding(DatasetError, self.path), self.path.open("rb") as stream:
            stream.seek(self._places[place])
            return self._text(next(islice(filter(None, map(bytes.strip, stream)), lines, None)))

    def check(self, classes: Collection[str]) -> None:
        """Raise `LabelError` if a model with these classes cannot write each of the texts."""
        known = {*classes, *_WITHOUT_CLASS}
        unknown = [line for character, line in self.characters.items() if character not in known]
        alone = [line for marks, line in self._marks_alone.items() if marks.isdisjoint(classes)]
        if line := min([*unknown, *alone], default=0):
            where = f"line {line} of {self.path.name}"
            try:
                check_characters((name for name, first in self.characters.items() if first == line), classes)
            except LabelError as error:
                raise LabelError(f"{where}: {error}") from None
            raise LabelError(f"{where} has no character of the model")

    def _scan(self, stream: BinaryIO) -> str:
        """Check all lines, remember what they have and where some of them are, and return the checksum."""
        digest = hashlib.sha256()
        for number, (place, line) in enumerate(_lines(stream), 1):
            digest.update(line)
            start = len(codecs.BOM_UTF8) if number == 1 and line.startswith(codecs.BOM_UTF8) else 0
            try:
                if len(line) == _LONGEST_LINE:
                    raise ValueError(f"longer than {LONGEST} characters")
                if content := line[start:].strip():
                    self._remember(number, self._text(content))
                    self._remember_place(place + start)
            except ValueError as error:
                problem = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error
                raise RequestError(f"line {number} of {self.path.name} is {problem}") from None
        return digest.hexdigest()

    def _text(self, content: bytes) -> str:
        text = content.decode()
        return transliterate(text).strip() if self._in_ascii and not text.isascii() else text

    def _remember(self, number: int, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
        if not self.characters.keys() >= set(text):
            self.characters = dict.fromkeys(text, number) | self.characters
        if _WITHOUT_CLASS.issuperset(text):
            self._marks_alone.setdefault(frozenset(text), number)

    def _remember_place(self, place: int) -> None:
        if self.count % self._lines_per_place == 0:
            self._places.append(place)
        self.count += 1
        if len(self._places) > _MOST_PLACES:
            self._places, self._lines_per_place = self._places[::2], 2 * self._lines_per_place


def open_lines(path: Path, *, in_ascii: bool = False) -> LineFile:
    """Return the texts in a file, which is read again only if it has changed.

    With `in_ascii`, they are transliterated. Raises `DatasetError` if the file cannot be read, and `RequestError` if a
    line is not UTF-8 or too long.
    """
    with decoding(DatasetError, path):
        check_regular(path)
        state = path.stat()
        return _opened(path.absolute(), in_ascii, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(path: Path, in_ascii: bool, *state: int) -> LineFile:
    return LineFile(path, in_ascii=in_ascii)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the place and the bytes of each line, cut where it is too long."""
    place = 0
    while line := stream.readline(_LONGEST_LINE):
        yield place, line
        place += len(line)

"""The specs of datasets of pages: all of the same text, of a pattern, or of the lines of a file."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from scorp_runtime.errors import DatasetError
from scorp_runtime.formats import PAGE_FORMATS, REGISTRY
from scorp_runtime.formats.page_job import PageJob
from scorp_runtime.inference.engine import Engine
from scorp_runtime.text.layout import Layout
from scorp_runtime.text.lines import TextList, Texts, open_lines
from scorp_runtime.text.page import Page, read_index
from scorp_runtime.text.pages import Pages
from scorp_runtime.text.pattern import Pattern

from .spec import DatasetSpec, Observer

_STORED = ("styles", "layout", "presentation")
"""What the address of a page in its PNG file says about all pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec(DatasetSpec):
    """Pages, each by one writer; see `DatasetSpec` for the common fields."""

    sample: ClassVar[str] = "page"
    formats: ClassVar[tuple[str, ...]] = tuple(name for name in PAGE_FORMATS if REGISTRY[name].datasets)

    layout: Mapping[str, Any]  # lengths by name, as `Layout` has them, except defaults

    def __post_init__(self) -> None:
        Layout(**self.layout)
        self.check_effects()

    def to_json(self) -> dict[str, Any]:
        """Return the fields for JSON, with the text before the layout, and effects only if there are some."""
        fields = DatasetSpec.to_json(self)
        layout, presentation = fields.pop("layout"), fields.pop("presentation")
        return fields | {"layout": layout} | ({"presentation": presentation} if presentation else {})

    @abstractmethod
    def texts(self) -> Texts:
        """Return the texts, or raise `ScorpError` if they cannot be read."""

    @abstractmethod
    def text_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands of a command that say what to write, and what `--json` prints about it."""

    @abstractmethod
    def text_title(self) -> tuple[str, str]:
        """Return a sentence that introduces the text in the card, and the text itself."""

    def command_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands of a command that say what to write, and further options."""
        lengths = {name.replace("_", "-"): value for name, value in self.layout.items()}
        return self.text_parts()[0], {"count": self.count, **lengths, **self.effect_options()}

    def job(self, engine: Engine, number: int, observe: Observer) -> PageJob:
        """Return what a format has to write for a shard; see `DatasetSpec.job`."""
        part, texts, stored = self.part(number), self.texts(), self.portable()
        effects, layout = self.read_effects(), Layout(**self.layout)
        pages = Pages(engine, texts, self.seed, self.writer, layout, effects, self.styles)
        read_index(self.start, self.count)

        def draw() -> Iterator[Page]:
            for offset in part:
                page = pages.draw(self.start + offset)
                observe(page.image[None])
                yield page

        return PageJob(
            **self.job_fields(engine, part),
            draw=draw,
            characters=texts.characters,
            dpi=layout.dpi,
            request={name: stored[name] for name in _STORED if name in stored},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpec(PageSpec):
    """Pages of one text."""

    text: str  # with line feeds between lines

    def texts(self) -> Texts:
        """Return the text."""
        return TextList([self.text])

    def text_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands, and the text for `--json`."""
        return [f"--text={line}" for line in self.text.split("\n")], {"text": self.text}

    def text_title(self) -> tuple[str, str]:
        """Return what the card says about the text."""
        return "The text of each page", self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternSpec(PageSpec):
    """Pages whose texts are drawn from a pattern."""

    pattern: str

    def texts(self) -> Texts:
        """Return the texts of the pattern."""
        return Pattern(self.pattern)

    def text_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands, and the pattern for `--json`."""
        return ["text", f"--pattern={self.pattern}"], {"pattern": self.pattern}

    def text_title(self) -> tuple[str, str]:
        """Return what the card says about the texts."""
        return "The texts are drawn from the pattern", self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesSpec(PageSpec):
    """Pages whose texts are the lines of a file."""

    local_files: ClassVar[tuple[str, ...]] = ("model", "lines")

    lines: str  # path of the file
    lines_sha256: str
    transliterate: bool  # whether they are written in ASCII

    def __post_init__(self) -> None:
        PageSpec.__post_init__(self)
        Path(self.lines)  # raises `TypeError` if it is not a path

    def texts(self) -> Texts:
        """Return the lines; raise `DatasetError` if the file is missing or is not the same file."""
        texts = open_lines(Path(self.lines), in_ascii=self.transliterate)
        if texts.sha256 != self.lines_sha256:
            raise DatasetError(
                f"{self.lines} has changed; the dataset needs a file of SHA-256 {self.lines_sha256}"
            )
        return texts

    def text_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands, and the name and checksum of the file for `--json`."""
        name = Path(self.lines).name
        words = ["text", f"--lines={name}", *(["--transliterate"] if self.transliterate else [])]
        return words, {"lines": name, "lines_sha256": self.lines_sha256}

    def text_title(self) -> tuple[str, str]:
        """Return what the card says about the texts."""
        return (
            "The texts are the lines of this file",
            f"{Path(self.lines).name} (SHA-256 {self.lines_sha256})",
        )

"""The spec of a dataset of pages, all of the same text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from scorp_runtime.formats import PAGE_FORMATS, REGISTRY
from scorp_runtime.formats.page_job import PageJob
from scorp_runtime.inference.engine import Engine
from scorp_runtime.text.layout import Layout
from scorp_runtime.text.page import Page, read_index, read_page_request, write_page

from .spec import DatasetSpec, Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec(DatasetSpec):
    """Pages, each by one writer; see `DatasetSpec` for the common fields."""

    sample: ClassVar[str] = "page"
    formats: ClassVar[tuple[str, ...]] = tuple(name for name in PAGE_FORMATS if REGISTRY[name].datasets)

    text: str  # with line feeds between lines
    layout: Mapping[str, int]  # lengths by name, as `Layout` has them, except defaults

    def __post_init__(self) -> None:
        Layout(**self.layout)

    def command_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the text, and further options of a command."""
        lengths = {name.replace("_", "-"): value for name, value in self.layout.items()}
        return [f"--text={line}" for line in self.text.split("\n")], {"count": self.count, **lengths}

    def job(self, engine: Engine, number: int, observe: Observer) -> PageJob:
        """Return what a format has to write for a shard; see `DatasetSpec.job`."""
        layout, part = Layout(**self.layout), self.part(number)
        writing = read_page_request(engine, self.text, self.seed, self.writer, layout, self.styles)
        read_index(self.start, self.count)

        def draw() -> Iterator[Page]:
            for offset in part:
                page = write_page(engine, writing, self.start + offset)
                observe(page.image[None])
                yield page

        return PageJob(
            **self.job_fields(engine, part),
            draw=draw,
            request={"text": self.text, "styles": dict(self.styles), "layout": dict(self.layout)},
        )

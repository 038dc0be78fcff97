"""What a dataset of pages, all of one text, is made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from scorp_runtime.errors import RequestError
from scorp_runtime.formats import PAGES
from scorp_runtime.formats.job import index_digits
from scorp_runtime.formats.page_job import PageJob
from scorp_runtime.text.layout import Layout
from scorp_runtime.text.page import Page, read_index, read_page_request, write_page
from scorp_runtime.text.phrases import is_in_words, read_phrase

from .spec import DatasetSpec

if TYPE_CHECKING:
    from scorp_runtime.inference.engine import Engine
    from scorp_runtime.model.metadata import ModelInfo

    from .spec import See


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec(DatasetSpec):
    """Pages, in one hand each; what all datasets have is described by `DatasetSpec`.

    Attributes:
        text: what each of them says, lines ended by line feeds, or words that mean it.
        layout: lengths on the page, by name, as `Layout` has them; those left open are not there.
    """

    sample: ClassVar[str] = "page"
    formats: ClassVar[tuple[str, ...]] = (PAGES, "tar", "parquet")

    text: str
    layout: Mapping[str, int]

    def meaning(self, info: "ModelInfo") -> tuple[str, dict[str, Any]]:
        """Return the text and the styles that are meant, be it in words.

        Raises:
            RequestError: for words that are not understood or contradict the styles.
        """
        if "\n" in self.text or not is_in_words(self.text, info.classes):
            return self.text, dict(self.styles)
        phrase = read_phrase(self.text, info)
        if both := sorted(self.styles.keys() & phrase.styles.keys()):
            raise RequestError(f"--{both[0]} contradicts the words, which say {both[0]} too")
        return phrase.text, dict(self.styles) | phrase.styles

    def words(self) -> tuple[list[str], dict[str, object]]:
        """Return the words of a command that say what is drawn, and further options by name; None is left out."""
        lengths = {name.replace("_", "-"): value for name, value in self.layout.items()}
        return [f"--text={line}" for line in self.text.split("\n")], {"count": self.count, **lengths}

    def image_shape(self, generator: "Engine") -> None:
        """Return None: each page is as large as its text."""
        return

    def job(self, generator: "Engine", number: int, see: "See") -> PageJob:
        """Return a shard as a job for a writer; see `DatasetSpec.job`."""
        text, styles = self.meaning(generator.info)
        layout, part = Layout(**self.layout), self.part(number)
        writing = read_page_request(generator, text, self.seed, self.writer, layout, styles)
        read_index(self.start, self.count)

        def draw() -> Iterator[Page]:
            for offset in part:
                page = write_page(generator, writing, self.start + offset)
                see(page.image[None])
                yield page

        return PageJob(
            info=generator.info,
            model_sha256=generator.model_sha256,
            count=len(part),
            start=self.start + part.start,
            draw=draw,
            index_digits=index_digits(self.start + self.count - 1),
            asked={"text": text, "styles": styles, "layout": dict(self.layout)},
            invert=self.invert,
        )

    def is_sound(self) -> bool:
        """Tell whether what was read is of the right types; what the model makes of it is for `job` to say."""
        return (
            DatasetSpec.is_sound(self)
            and isinstance(self.text, str)
            and isinstance(self.layout, Mapping)
            and all(type(value) is int for value in self.layout.values())
            and Layout(**self.layout) is not None
        )

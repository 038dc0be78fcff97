"""Pages of text as a format has to write them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorp_runtime.text.page import Page
from scorp_runtime.text.punctuation import MARKS

from .job import Job, Sample
from .schema import Features, page_features


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob(Job):
    """Pages of text."""

    draw: Callable[[], Iterator[Page]]  # returns the pages in order; called once
    characters: Collection[str]  # that the texts may have
    dpi: int  # pixels per inch, for formats that have lengths
    request: Mapping[str, object]  # `styles` and `layout` of every page

    def samples(self) -> Iterator[Sample]:
        """Draw the pages one by one."""
        categories = page_categories(self.info.classes)
        for page in self.draw():
            image = 255 - page.image if self.invert else page.image
            numbers = {"seed": page.seed, "index": page.index, "writer": page.writer}
            texts = {name: str(number) for name, number in numbers.items()}
            address = {"model": self.model_name(), **texts, "text": page.text, **self.request}
            fields = {"text": page.text, **numbers, "objects": _objects(page, categories)}
            yield Sample(self.file_name(page.index), image, address, fields)

    def features(self) -> Features:
        """Return the columns of a table of the pages."""
        return page_features(page_categories(self.info.classes))


def page_categories(classes: Sequence[str]) -> list[str]:
    """Return the characters that may be on a page; the category of a box is a position in this list."""
    return [*classes, *sorted(MARKS.difference(classes))]


def _objects(page: Page, categories: list[str]) -> dict[str, list[Any]]:
    """Return the characters of a page, column by column."""
    characters = page.characters
    boxes = [character.box for character in characters]
    return {
        "character": [character.text for character in characters],
        "category": [categories.index(character.text) for character in characters],
        "position": [character.position for character in characters],
        "line": [character.line for character in characters],
        "bbox": [[box.x, box.y, box.width, box.height] for box in boxes],
    }

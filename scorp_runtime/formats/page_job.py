"""What a writer of pages is asked to write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scorp_runtime.model.metadata import ModelInfo
from scorp_runtime.text.punctuation import MARKS

from .job import Sample, index_name, model_name
from .schema import Features, page_features

if TYPE_CHECKING:
    from scorp_runtime.text.page import Page


@dataclass(frozen=True, slots=True)
class PageJob:
    """Pages `start ... start + count - 1` of a seed, and how they shall look.

    Attributes:
        info: of the model that draws them.
        model_sha256: of the model file.
        count: how many there are.
        start: index of the first.
        draw: returns the pages, in order; writers ask for them once.
        index_digits: to which the indices in names are padded, so that names sort like them.
        asked: what each of them was asked for: `text`, `styles` and `layout`.
        invert: whether ink is 0 and paper 255.
    """

    info: ModelInfo
    model_sha256: str
    count: int
    start: int
    draw: "Callable[[], Iterator[Page]]"
    index_digits: int
    asked: Mapping[str, object]
    invert: bool

    def samples(self) -> Iterator[Sample]:
        """Draw the pages and hand them out one by one."""
        categories = page_categories(self.info.classes)
        for page in self.draw():
            image = 255 - page.image if self.invert else page.image
            fixed = {"seed": page.seed, "index": page.index, "writer": page.writer}
            said = {"text": page.text, **fixed, "objects": _objects(page, categories)}
            address = {name: str(number) for name, number in fixed.items()}
            told = {"model": model_name(self.info, self.model_sha256), **address, **self.asked}
            yield Sample(index_name(page.index, self.index_digits), image, told, said)

    def features(self) -> Features:
        """Return the columns that a table of the pages has."""
        return page_features(page_categories(self.info.classes))


def page_categories(classes: Sequence[str]) -> list[str]:
    """Return the characters that may be on a page; their places in it are the categories of boxes."""
    return [*classes, *sorted(MARKS)]


def _objects(page: "Page", categories: list[str]) -> dict[str, list[Any]]:
    """Return the characters of a page, column by column."""
    found = page.characters
    boxes = [character.box for character in found]
    return {
        "character": [character.text for character in found],
        "category": [categories.index(character.text) for character in found],
        "position": [character.position for character in found],
        "line": [character.line for character in found],
        "bbox": [[box.x, box.y, box.width, box.height] for box in boxes],
    }

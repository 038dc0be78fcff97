"""Pages that differ in their text."""

from collections.abc import Mapping
from typing import Any

from scorp_runtime.imaging.effects import Effects
from scorp_runtime.inference.engine import Engine
from scorp_runtime.sampling import philox

from .layout import Layout
from .lines import Texts
from .page import Page, read_page_request, write_page


class Pages:
    """Pages of a seed, drawn on access; the arguments are those of `Generator.sequence`.

    Raises `RequestError` if one is invalid or the model cannot write one of the texts. It can be pickled.
    """

    def __init__(
        self,
        engine: Engine,
        texts: Texts,
        seed: object,
        writer: object,
        layout: Layout,
        effects: Effects | None,
        styles: Mapping[str, Any],
    ) -> None:
        texts.check(engine.classes)
        self.seed = philox.read_seed(seed)
        self._engine, self._texts = engine, texts
        self._others = writer, layout, effects, styles
        self.effects = effects
        self._last = read_page_request(engine, texts.draw(self.seed, 0), self.seed, *self._others)

    def draw(self, index: int) -> Page:
        """Draw the page with an index."""
        request, text = self._last, self._texts.draw(self.seed, index)
        if request.text != text:
            request = self._last = read_page_request(self._engine, text, self.seed, *self._others)
        return write_page(self._engine, request, index)

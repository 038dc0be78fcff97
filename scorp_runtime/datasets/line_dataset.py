"""The virtual dataset of texts: images of lines by position, drawn on access."""

import sys
from collections.abc import Iterator, Sequence
from typing import SupportsIndex, overload

from scorp_runtime.errors import CountError
from scorp_runtime.inference.batch import Images
from scorp_runtime.sampling import philox
from scorp_runtime.text.page import Page, read_index
from scorp_runtime.text.pages import Pages

from .dataset import read_position

Item = tuple[Images, str]


class LineDataset:
    """Images of texts as a sequence, for training OCR; each text has a writer of its own unless one was requested.

    `lines[i]` is an image, uint8 (H, W) or (H, W, 3), and its text. A slice is a list of such pairs. Images differ in
    size. They are drawn on access, so 10^9 of them take no memory. A dataset can be pickled, and a PyTorch `DataLoader`
    accepts it with a `collate_fn` that pads the images. `Generator.lines` describes the arguments.

    Example:
        >>> lines = Generator().lines(Pattern("[0-9]{4}"), length=10**9, seed=1)
        >>> image, text = lines[123_456_789]
        >>> image.dtype, text
        (dtype('uint8'), '0543')
        >>> [character.text for character in lines.page(0).characters]
        ['3', '0', '3', '8']
    """

    seed: int
    """Seed of all images."""
    start: int
    """Index of the first image within the seed."""

    def __init__(self, pages: Pages, length: object, start: object, *, invert: bool = False) -> None:
        self._length = philox.read_whole("length", length, 1, sys.maxsize, CountError)
        self.seed, self.start = pages.seed, read_index(start, self._length)
        if pages.effects:
            pages.effects.check_invert(invert)
        self._pages = pages
        self._invert = invert

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} images from {self.start} of seed {self.seed}>"

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, position: SupportsIndex) -> Item: ...

    @overload
    def __getitem__(self, position: slice) -> list[Item]: ...

    def __getitem__(self, position: SupportsIndex | slice) -> Item | list[Item]:
        if isinstance(position, slice):
            return self.__getitems__(range(len(self))[position])
        page = self.page(position)
        return 255 - page.image if self._invert else page.image, page.text

    def __getitems__(self, positions: Sequence[int]) -> list[Item]:
        """Return several items; PyTorch's `DataLoader` calls this for a batch."""
        return [self[position] for position in positions]

    def __iter__(self) -> Iterator[Item]:
        return map(self.__getitem__, range(len(self)))

    def page(self, position: SupportsIndex) -> Page:
        """Return the page at a position: image (never inverted), text, boxes and writer."""
        return self._pages.draw(self.start + read_position(position, len(self)))

"""What a writer is asked to write."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..batch import Batch
    from ..model_info import ModelInfo


@dataclass(frozen=True, slots=True)
class Job:
    """Pictures `start ... start + count - 1` of a seed, and how they shall look.

    Attributes:
        info: of the model that draws them.
        image_shape: height and width of a picture.
        count: how many there are.
        seed: of all of them.
        start: index of the first.
        draw: returns the batches, in order; writers ask for them once.
        invert: whether ink is 0 and paper 255, in every format.
        columns: of a sheet; None is about as many as rows.
        scale: pixels per side that one pixel becomes, in PNG files.
    """

    info: "ModelInfo"
    image_shape: tuple[int, int]
    count: int
    seed: int
    start: int
    draw: "Callable[[], Iterator[Batch]]"
    invert: bool = False
    columns: int | None = None
    scale: int | None = None

    def batches(self) -> "Iterator[Batch]":
        """Draw the pictures, inverted if asked."""
        for batch in self.draw():
            yield replace(batch, images=255 - batch.images) if self.invert else batch

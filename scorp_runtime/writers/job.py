"""What a writer is asked to write."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    from ..batch import Batch
    from ..model_info import ModelInfo


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a job.

    Attributes:
        image: uint8 (H, W), inverted if the job asks for it.
        label: position in the class list.
        class_name: the name at that position.
        seed: of the picture.
        index: of the picture within the seed.
        styles: knob -> value in the knob's unit.
        writer: whose hand it is, or None.
    """

    image: "npt.NDArray[np.uint8]"
    label: int
    class_name: str
    seed: int
    index: int
    styles: dict[str, float]
    writer: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """Pictures `start ... start + count - 1` of a seed, and how they shall look.

    Attributes:
        info: of the model that draws them.
        model_sha256: of the model file.
        image_shape: height and width of a picture, as it is presented.
        count: how many there are.
        seed: of all of them.
        start: index of the first.
        draw: returns the batches, in order; writers ask for them once.
        index_digits: to which the indices in names are padded, so that names sort like them.
        writer: whose hand all of them are, or None.
        presentation: what was done to them after they were drawn, by name, as `Presentation` has it.
        invert: whether ink is 0 and paper 255, in every format.
        columns: of a sheet; None is about as many as rows.
        scale: pixels per side that one pixel becomes, in PNG files.
    """

    info: "ModelInfo"
    model_sha256: str
    image_shape: tuple[int, int]
    count: int
    seed: int
    start: int
    draw: "Callable[[], Iterator[Batch]]"
    index_digits: int
    writer: int | None = None
    presentation: "Mapping[str, int]" = field(default_factory=dict)
    invert: bool = False
    columns: int | None = None
    scale: int | None = None

    def batches(self) -> "Iterator[Batch]":
        """Draw the pictures, inverted if asked."""
        for batch in self.draw():
            yield replace(batch, images=255 - batch.images) if self.invert else batch

    def pictures(self) -> "Iterator[Picture]":
        """Draw the pictures and hand them out one by one."""
        knobs = [knob.name for knob in self.info.knobs]
        for batch in self.batches():
            rows = zip(batch.images, batch.labels.tolist(), batch.styles.tolist(), strict=True)
            for index, (image, label, values) in enumerate(rows, batch.start):
                styles = dict(zip(knobs, values, strict=True))
                name = self.info.classes[label]
                yield Picture(image, label, name, batch.seed, index, styles, self.writer)

    def index_name(self, index: int) -> str:
        """Return the index of a picture as names have it."""
        return f"{index:0{self.index_digits}}"

"""What a writer is asked to write."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    from scorp_runtime.inference.batch import Batch
    from scorp_runtime.model.metadata import ModelInfo

    from .schema import Features

_FEWEST_DIGITS = 8  # of indices in names
_SHA256_SHOWN = 16  # of 64 hexadecimal digits: enough to tell models apart, and PNG files of digits are small


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture or page of a job, as files hold it.

    Attributes:
        name: of its files, without an extension; names sort like addresses.
        image: uint8 (H, W), inverted and enlarged if the job asks for it.
        address: what the PNG says of itself: all that draws it again.
        said: what is told of it beside the pixels, column by column: `seed`, `index` and whatever a picture or a page
            has. Of JSON's types, but numbers may be as large as 2^64 - 1.
    """

    name: str
    image: "npt.NDArray[np.uint8]"
    address: dict[str, object]
    said: dict[str, Any]


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
        presentation: what was done to them after they were drawn, by name, as `Effects` has it.
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

    def samples(self) -> "Iterator[Sample]":
        """Draw the pictures and hand them out one by one."""
        for batch in self.batches():
            rows = zip(batch.images, batch.labels.tolist(), batch.styles.tolist(), strict=True)
            for index, (image, label, values) in enumerate(rows, batch.start):
                styles = dict(zip((knob.name for knob in self.info.knobs), values, strict=True))
                said = self._said(label, index, styles)
                address = self._address(said["class"], index, styles)
                yield Sample(index_name(index, self.index_digits), enlarged(image, self.scale), address, said)

    def features(self) -> "Features":
        """Return the columns that a table of the pictures has."""
        from .schema import picture_features

        return picture_features(self.info, has_writer=self.writer is not None)

    def hand_and_presentation(self) -> dict[str, object]:
        """Return the writer and the presentation as addresses have them, each if one was asked for."""
        told: dict[str, object] = {}
        if self.writer is not None:
            told["writer"] = str(self.writer)
        if self.presentation:
            told["presentation"] = dict(self.presentation)
        return told

    def _said(self, label: int, index: int, styles: dict[str, float]) -> dict[str, Any]:
        hand = {} if self.writer is None else {"writer": self.writer}
        name = self.info.classes[label]
        return {"label": label, "class": name, "seed": self.seed, "index": index, **hand, **styles}

    def _address(self, class_name: str, index: int, styles: dict[str, float]) -> dict[str, object]:
        return {
            "model": model_name(self.info, self.model_sha256),
            "seed": str(self.seed),  # as text: many JSON readers hold numbers as doubles
            "index": str(index),
            "label": class_name,
            "styles": styles,
            **self.hand_and_presentation(),
        }


def enlarged(image: "npt.NDArray[np.uint8]", scale: int | None) -> "npt.NDArray[np.uint8]":
    """Return a picture (H, W) with each pixel as a square of `scale` x `scale`."""
    return image if scale is None else image.repeat(scale, axis=0).repeat(scale, axis=1)


def index_digits(last: int) -> int:
    """Return to how many digits indices up to `last` are padded in names."""
    return max(_FEWEST_DIGITS, len(str(last)))


def index_name(index: int, digits: int) -> str:
    """Return an index as names have it."""
    return f"{index:0{digits}}"


def model_name(info: "ModelInfo", sha256: str) -> str:
    """Return the name and version of the model, and the beginning of its checksum."""
    return f"{info.name} {info.version} {sha256[:_SHA256_SHOWN]}"

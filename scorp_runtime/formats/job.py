"""What a format has to write: images or pages, with everything that is stored beside the pixels."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.inference.batch import Batch
from scorp_runtime.model.metadata import ModelInfo

from .schema import Features, image_features

_FEWEST_DIGITS = 8  # of an index in a file name
_SHA256_DIGITS = 16  # of 64: enough to tell models apart, and PNG files of digits are small


@dataclass(frozen=True, slots=True)
class Sample:
    """One image or page of a job, as files store it."""

    name: str  # of its files, without an extension; names sort like indices
    image: npt.NDArray[np.uint8]  # (H, W) or (H, W, 3), inverted and enlarged if the job says so
    address: dict[str, object]  # everything that is needed to draw it again; stored in its PNG file
    fields: dict[str, Any]  # column -> value of a type of JSON, but integers may be as large as 2^64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(ABC):
    """Images or pages `start ... start + count - 1` of a seed."""

    info: ModelInfo
    model_sha256: str
    count: int
    seed: int
    start: int
    last: int  # index of the last sample of the dataset; names of files have as many digits
    writer: int | None = None
    invert: bool = False  # whether to write ink as 0 and paper as 255

    @abstractmethod
    def samples(self) -> Iterator[Sample]:
        """Draw the images or pages one by one."""

    @abstractmethod
    def features(self) -> Features:
        """Return the columns of a table of the samples."""

    def model_name(self) -> str:
        """Return the name and version of the model, and the first digits of its checksum."""
        return f"{self.info.name} {self.info.version} {self.model_sha256[:_SHA256_DIGITS]}"

    def file_name(self, index: int) -> str:
        """Return the name of the files of a sample, without an extension."""
        return f"{index:0{max(_FEWEST_DIGITS, len(str(self.last)))}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageJob(Job):
    """Images of single characters."""

    image_shape: tuple[int, ...]  # after effects: height and width in px, and 3 with colours
    draw: Callable[[], Iterator[Batch]]  # returns the batches in order; called once
    effects: Mapping[str, int | str] = field(default_factory=dict)  # that `draw` applies, by name
    columns: int | None = None  # of a contact sheet; None is about as many as rows
    scale: int | None = None  # each pixel becomes `scale` x `scale` in PNG files; None is 1

    def batches(self) -> Iterator[Batch]:
        """Draw the images in batches, inverted if the job says so."""
        for batch in self.draw():
            yield replace(batch, images=255 - batch.images) if self.invert else batch

    def samples(self) -> Iterator[Sample]:
        """Draw the images one by one."""
        knobs = [knob.name for knob in self.info.knobs]
        writer = {} if self.writer is None else {"writer": self.writer}
        for batch in self.batches():
            rows = zip(batch.images, batch.labels.tolist(), batch.styles.tolist(), strict=True)
            for index, (image, label, values) in enumerate(rows, batch.start):
                name = self.info.classes[label]
                styles = dict(zip(knobs, values, strict=True))
                fields = {"label": label, "class": name, "seed": self.seed, "index": index}
                address = self.address(index, {"label": name, "styles": styles})
                yield Sample(
                    self.file_name(index), enlarge(image, self.scale), address, fields | writer | styles
                )

    def features(self) -> Features:
        """Return the columns of a table of the images."""
        return image_features(self.info, has_writer=self.writer is not None)

    def address(self, index: int, content: dict[str, object]) -> dict[str, object]:
        """Return what a PNG file says about its origin; 64-bit integers are text, as JSON readers use doubles."""
        address = {"model": self.model_name(), "seed": str(self.seed), "index": str(index), **content}
        if self.writer is not None:
            address["writer"] = str(self.writer)
        if self.effects:
            address["presentation"] = dict(self.effects)
        return address


def enlarge(image: npt.NDArray[np.uint8], scale: int | None) -> npt.NDArray[np.uint8]:
    """Return an image (H, W) or (H, W, 3) with each pixel repeated `scale` x `scale` times."""
    return image if scale is None else image.repeat(scale, axis=0).repeat(scale, axis=1)

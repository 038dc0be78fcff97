"""The virtual dataset: pictures by position, drawn when asked for, nothing stored."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError, RequestError, short_repr
from scorp_runtime.imaging.effects import Effects
from scorp_runtime.inference.batch import Batch, new_images, pictures_at_once
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.request import Request

if TYPE_CHECKING:
    from scorp_runtime.inference.engine import Engine

IMAGES = npt.NDArray[np.uint8]
LABELS = npt.NDArray[np.int64]
Positions = Sequence[int] | npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Meta:
    """What one picture of a dataset is of, and where it comes from.

    Attributes:
        seed: of the picture.
        index: of the picture within the seed; with the model, the seed and the request this is its address.
        label: position in the model's class list.
        class_name: the name at that position.
        styles: knob -> value in the knob's unit, as it is drawn.
        writer: whose hand it is, or None.

    Example:
        >>> meta = Generator().dataset("0-9", 1000, seed=1).meta(123)
        >>> meta.class_name, list(meta.styles)
        ('3', ['thickness', 'slant', 'width'])
    """

    seed: int
    index: int
    label: int
    class_name: str
    styles: dict[str, float]
    writer: int | None


class VirtualDataset:
    """Pictures of one request as a sequence: `dataset[i]` is an image, uint8 (H, W), and its label.

    A slice is two arrays: images, uint8 (N, H, W), and labels, int64 (N,). Nothing is stored, so a dataset of 10^9
    pictures costs nothing to make, and its last picture what its first costs. It pickles as its generator does. A
    PyTorch `DataLoader` takes it as it is.

    Args:
        generator: draws the pictures.
        request: what to draw.
        effects: applied to the pictures after drawing; None is nothing.
        invert: whether ink is 0 and paper 255; done last.

    Raises:
        CountError: if there are more pictures than a Python sequence can have.
        RequestError: if the effects are none.
    """

    def __init__(
        self,
        generator: "Engine",
        request: Request,
        effects: Effects | None = None,
        *,
        invert: bool = False,
    ) -> None:
        if request.count > sys.maxsize:
            raise CountError(f"a dataset has at most {sys.maxsize} pictures, not {request.count}")
        if not isinstance(effects, Effects | None):
            raise RequestError(f"effects must be an Effects or None, not {short_repr(effects)}")
        self._generator = generator
        self._request = request
        self._effects = effects
        self._invert = invert

    @property
    def generator(self) -> "Engine":
        """Draws the pictures."""
        return self._generator

    @property
    def request(self) -> Request:
        """What is drawn."""
        return self._request

    @property
    def seed(self) -> int:
        """The seed of all pictures."""
        return self._request.seed

    @property
    def start(self) -> int:
        """The index, within the seed, of the first picture."""
        return self._request.start

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of a picture as it is presented, in pixels."""
        drawn = self._generator.image_shape
        return self._effects.shape(drawn) if self._effects else drawn

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} pictures from {self.start} of seed {self.seed}>"

    def __len__(self) -> int:
        return self._request.count

    @overload
    def __getitem__(self, position: SupportsIndex) -> tuple[IMAGES, int]: ...

    @overload
    def __getitem__(self, position: slice) -> tuple[IMAGES, LABELS]: ...

    def __getitem__(self, position: SupportsIndex | slice) -> tuple[IMAGES, int] | tuple[IMAGES, LABELS]:
        if isinstance(position, slice):
            return self.take(range(len(self))[position])
        batch = self.draw(self._offset(position), 1)
        return batch.images[0], int(batch.labels[0])

    def __getitems__(self, positions: Sequence[int]) -> list[tuple[IMAGES, int]]:
        """Return several items at once, as PyTorch's `DataLoader` asks for those of a batch."""
        images, labels = self.take(positions)
        return list(zip(images, labels.tolist(), strict=True))

    def __iter__(self) -> Iterator[tuple[IMAGES, int]]:
        for images, labels in self.batches(pictures_at_once(self.image_shape)):
            yield from zip(images, labels.tolist(), strict=True)

    def take(self, positions: Positions) -> tuple[IMAGES, LABELS]:
        """Draw the pictures at some positions, together.

        Returns:
            images, uint8 (N, H, W), and labels, int64 (N,), in the order asked for.
        """
        count = len(positions)
        images = new_images(count, self.image_shape, "batches")
        labels = np.empty(count, np.int64)
        offsets = self._offsets(positions)
        # As many at a time as there are, unless there is a second copy of each to present.
        most = pictures_at_once(self.image_shape) if self._effects else max(count, 1)
        for first in range(0, count, most):
            part = slice(first, first + most)
            labels[part] = self._draw_at(offsets[part], images[part])
        return images, labels

    def draw(self, offset: int, count: int, out: IMAGES | None = None) -> Batch:
        """Draw `count` neighbours from position `offset` on, presented and inverted.

        Args:
            offset: from 0 on.
            count: of pictures, all of them within the dataset.
            out: uint8 (count, H, W), filled and returned as `Batch.images`; None makes it.
        """
        if self._effects is None:
            batch = self._generator.draw(self._request, offset, count, out)
        else:
            batch = self._effects.apply(self._generator.draw(self._request, offset, count))
            if out is not None:
                out[:] = batch.images
                batch = replace(batch, images=out)
        if self._invert:
            np.subtract(255, batch.images, out=batch.images)
        return batch

    def _draw_at(self, offsets: range | npt.NDArray[np.uint64], out: IMAGES) -> LABELS:
        """Draw the pictures at some offsets into `out`, presented and inverted, and return their labels."""
        if isinstance(offsets, range):
            return self.draw(offsets.start, len(offsets), out).labels
        if self._effects is None:
            labels = self._generator.draw_at(self._request, offsets, out)
        else:
            drawn = np.empty((len(offsets), *self._generator.image_shape), np.uint8)
            labels = self._generator.draw_at(self._request, offsets, drawn)
            out[:] = self._effects.apply_to_images(drawn, self.seed, self._request.place(offsets))
        if self._invert:
            np.subtract(255, out, out=out)
        return labels

    def meta(self, position: SupportsIndex) -> Meta:
        """Tell what the picture at a position is of, without drawing it."""
        offset = self._offset(position)
        labels, styles = self._generator.labels_and_styles(self._request, offset, 1)
        label, values = int(labels[0]), styles[0].tolist()
        return Meta(
            seed=self.seed,
            index=self.start + offset,
            label=label,
            class_name=self._generator.classes[label],
            styles={knob.name: value for knob, value in zip(self._generator.knobs, values, strict=True)},
            writer=self._request.writer,
        )

    def batches(
        self, batch_size: int, *, shard: tuple[int, int] = (0, 1), start: int = 0
    ) -> Iterator[tuple[IMAGES, LABELS]]:
        """Draw the pictures batch by batch, in constant memory.

        Args:
            batch_size: pictures per batch; the last batch of the dataset may be smaller.
            shard: (rank, world): of every `world` batches in a row, rank `rank` draws its own. The ranks together
                draw every picture once, and the number of their batches differs by one at most.
            start: position of the first picture. After `s` batches on each rank, all go on from
                `start + s * world * batch_size`, with however many ranks.

        Returns:
            pairs of images, uint8 (N, H, W), and labels, int64 (N,).

        Raises:
            RequestError: at the call, not at the first batch.
        """
        size = philox.read_positive("batch_size", batch_size)
        try:
            rank, world = map(philox.to_integer, shard)
        except (TypeError, ValueError):  # not a pair
            rank = world = None
        first = philox.to_integer(start)
        if rank is None or world is None or not 0 <= rank < world:
            raise RequestError(f"shard must be (rank, world) with 0 <= rank < world, not {short_repr(shard)}")
        if first is None or not 0 <= first <= len(self):
            raise RequestError(f"start must be a position from 0 to {len(self)}, not {short_repr(start)}")
        return (
            self[offset : offset + size] for offset in range(first + rank * size, len(self), world * size)
        )

    def _offset(self, position: SupportsIndex) -> int:
        offset = philox.to_integer(position)
        if offset is None:
            raise TypeError(f"positions are integers and slices, not {short_repr(position)}")
        if not -len(self) <= offset < len(self):
            raise IndexError(f"there is no picture {short_repr(offset)}: the dataset has {len(self)}")
        return offset % len(self)

    def _offsets(self, positions: Positions) -> range | npt.NDArray[np.uint64]:
        """Return the offsets of some positions: a range, if they are neighbours in a row."""
        if (
            isinstance(positions, range)
            and positions.step == 1
            and 0 <= positions.start < positions.stop <= len(self)
        ):
            return positions
        count = len(positions)
        offsets = np.fromiter(map(self._offset, positions), np.int64, count)
        if count and np.array_equal(offsets, np.arange(offsets[0], offsets[0] + count)):
            return range(int(offsets[0]), int(offsets[0]) + count)
        return offsets.astype(np.uint64)

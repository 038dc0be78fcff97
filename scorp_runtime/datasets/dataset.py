"""The virtual dataset: images by position, drawn on access, with views for the common frameworks."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError, RequestError, short_repr
from scorp_runtime.imaging.effects import Effects
from scorp_runtime.inference.batch import Batch, images_at_once, new_images
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.request import Request

if TYPE_CHECKING:
    # Other names than the methods of `Dataset`, which hide the modules inside the class.
    from datasets import IterableDataset as HuggingFaceDataset
    from tensorflow.data import Dataset as TensorFlowDataset
    from torch import Tensor
    from torch.utils.data import Dataset as TorchDataset

    from scorp_runtime.inference.engine import Engine

IMAGES = npt.NDArray[np.uint8]
LABELS = npt.NDArray[np.int64]
Positions = Sequence[int] | npt.NDArray[np.integer[Any]]

_MOST_PARTS = 1_000_000  # Hugging Face keeps a list of them


@dataclass(frozen=True, slots=True)
class Meta:
    """The label, style and address of one image of a dataset.

    Attributes:
        seed: seed of the dataset.
        index: index of the image within the seed.
        label: position in the model's class list.
        class_name: name of the class.
        styles: knob -> value in the knob's unit.
        writer: the writer of the dataset, or None.

    Example:
        >>> meta = Generator().dataset("0-9", 1000, seed=1).meta(123)
        >>> meta.class_name, list(meta.styles)
        ('3', ['thickness', 'slant', 'width', 'rarity'])
    """

    seed: int
    index: int
    label: int
    class_name: str
    styles: dict[str, float]
    writer: int | None


class Dataset:
    """Images of one request as a sequence, with views for PyTorch, TensorFlow and Hugging Face.

    `dataset[i]` is an image, uint8 (H, W), and its label. A slice is two arrays: images, uint8 (N, H, W), and labels,
    int64 (N,). Images are drawn on access, so 10^9 of them take no memory, and the last costs as much as the first. A
    dataset can be pickled, and a PyTorch `DataLoader` accepts it. `Generator.dataset` describes the arguments.

    Example:
        >>> dataset = Generator().dataset("0-9", length=10**9, seed=1)
        >>> image, label = dataset[123_456_789]
        >>> image.shape, label
        ((28, 28), 9)
        >>> dataset.meta(123_456_789).class_name
        '9'
    """

    generator: "Engine"
    """The engine that draws the images."""
    request: Request
    """What it draws."""
    seed: int
    """Seed of all images."""
    start: int
    """Index of the first image within the seed."""

    def __init__(
        self, generator: "Engine", request: Request, effects: Effects | None = None, *, invert: bool = False
    ) -> None:
        if request.count > sys.maxsize:
            raise CountError(f"a dataset has at most {sys.maxsize} images, not {request.count}")
        if not isinstance(effects, Effects | None):
            raise RequestError(f"effects must be an Effects or None, not {short_repr(effects)}")
        if effects:
            effects.check_invert(invert)
        self.generator = generator
        self.request = request
        self.seed, self.start = request.seed, request.start
        self._effects = effects
        self._invert = invert

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of an image after effects: height and width in px, and 3 if it has colours."""
        shape = self.generator.image_shape
        return self._effects.shape(shape) if self._effects else shape

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} images from {self.start} of seed {self.seed}>"

    def __len__(self) -> int:
        return self.request.count

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
        """Return several items, drawn together; PyTorch's `DataLoader` calls this for a batch."""
        images, labels = self.take(positions)
        return list(zip(images, labels.tolist(), strict=True))

    def __iter__(self) -> Iterator[tuple[IMAGES, int]]:
        for images, labels in self.batches(images_at_once(self.image_shape)):
            yield from zip(images, labels.tolist(), strict=True)

    def take(self, positions: Positions) -> tuple[IMAGES, LABELS]:
        """Return the images, uint8 (N, H, W), and labels, int64 (N,), at some positions, in the given order."""
        images = new_images(len(positions), self.image_shape, "batches")
        offsets = np.fromiter(map(self._offset, positions), np.uint64, len(images))
        labels = self.generator.draw_at(self.request, offsets, images, self._effects)
        return self._inverted(images), labels

    def draw(self, offset: int, count: int) -> Batch:
        """Return `count` images from position `offset` on, with effects and inversion."""
        batch = self.generator.draw(self.request, offset, count, effects=self._effects)
        return replace(batch, images=self._inverted(batch.images))

    def _inverted(self, images: IMAGES) -> IMAGES:
        return np.subtract(255, images, out=images) if self._invert else images

    def meta(self, position: SupportsIndex) -> Meta:
        """Return the label, style and address of an image without drawing it."""
        offset = self._offset(position)
        labels, styles = self.generator.labels_and_styles(self.request, offset, 1)
        label, values = int(labels[0]), styles[0].tolist()
        return Meta(
            seed=self.seed,
            index=self.start + offset,
            label=label,
            class_name=self.generator.classes[label],
            styles={knob.name: value for knob, value in zip(self.generator.knobs, values, strict=True)},
            writer=self.request.writer,
        )

    def batches(
        self, batch_size: int, *, shard: tuple[int, int] = (0, 1), start: int = 0
    ) -> Iterator[tuple[IMAGES, LABELS]]:
        """Yield pairs of images, uint8 (N, H, W), and labels, int64 (N,), in constant memory.

        Args:
            batch_size: images per batch; the last batch of the dataset may be smaller.
            shard: (rank, world). The ranks take turns, batch by batch. Together they draw every image once; the
                numbers of their batches differ by at most one.
            start: position of the first image. To resume after `s` batches on each rank, with any number of ranks,
                pass `start + s * world * batch_size`.

        Raises:
            RequestError: at the call, not at the first batch.
        """
        size = philox.read_whole("batch_size", batch_size, 1, sys.maxsize, CountError)
        first = philox.read_whole("start", start, 0, len(self))
        try:
            rank, world = map(philox.to_integer, shard)
        except (TypeError, ValueError):  # not a pair
            rank = world = None
        if rank is None or world is None or not 0 <= rank < world:
            raise RequestError(f"shard must be (rank, world) with 0 <= rank < world, not {short_repr(shard)}")
        return (
            self[offset : offset + size] for offset in range(first + rank * size, len(self), world * size)
        )

    def torch(self) -> "TorchDataset[tuple[Tensor, int]]":
        """Return a `torch.utils.data.Dataset` of float32 tensors (1 or 3, H, W), 0 to 1, and labels; needs torch.

        A `DataLoader` returns the same batches with any number of workers. The images need no shuffling, and
        `shuffle=True` costs 10 to 15 %.
        """
        from .frameworks.torch_dataset import TorchImageDataset

        return TorchImageDataset(self)

    def tf(self, batch_size: int = 256) -> "TensorFlowDataset":
        """Return a `tf.data.Dataset` of images, uint8 (H, W), and labels, int64; needs tensorflow.

        `batch_size` images are drawn together; the elements are single images.
        """
        size = philox.read_whole("batch_size", batch_size, 1, sys.maxsize, CountError)
        from .frameworks.tensorflow_dataset import tensorflow_dataset

        return tensorflow_dataset(self, size)

    def hf(self, shards: int = 64) -> "HuggingFaceDataset":
        """Return a `datasets.IterableDataset` of Hugging Face; needs datasets.

        Its columns are `image`, `label` (a `ClassLabel`), `seed`, `index`, the knobs and, if it was given, `writer`.
        Up to `shards` workers and nodes can share it.
        """
        parts = philox.read_whole("shards", shards, 1, _MOST_PARTS, CountError)
        from .frameworks.huggingface_dataset import huggingface_dataset

        return huggingface_dataset(self, parts)

    def _offset(self, position: SupportsIndex) -> int:
        return read_position(position, len(self))


def read_position(position: object, length: int) -> int:
    """Return a position in a dataset as an index from 0; raise `TypeError` or `IndexError` if it is invalid."""
    offset = philox.to_integer(position)
    if offset is None:
        raise TypeError(f"a position must be an integer or a slice, not {short_repr(position)}")
    if not -length <= offset < length:
        raise IndexError(f"position {short_repr(offset)} is out of range: the dataset has {length} images")
    return offset % length

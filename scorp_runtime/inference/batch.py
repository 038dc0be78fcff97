"""A batch of pictures, and what they are pictures of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError

_AT_ONCE = 256
_PIXELS_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures `start ... start + N - 1` of a seed.

    Attributes:
        images: uint8 (N, H, W), 0 = paper, 255 = ink. `numpy.asarray(batch)` is this array.
        labels: int64 (N,), positions in the model's class list.
        styles: float32 (N, S), one column per knob of the model, in the knobs' units, as they were drawn.
        seed: of all the pictures.
        start: index of the first picture.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    styles: npt.NDArray[np.float32]
    seed: int
    start: int

    def __repr__(self) -> str:
        return f"<Batch of {len(self)} pictures from {self.start} of seed {self.seed}>"

    def __len__(self) -> int:
        return len(self.images)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.generic]:
        if copy:
            return np.array(self.images, dtype=dtype)
        array: npt.NDArray[np.generic] = np.asarray(self.images, dtype=dtype)
        if copy is False and array is not self.images:
            raise ValueError(f"pictures are uint8; as {array.dtype} they must be copied")
        return array


def new_images(count: int, shape: tuple[int, int], instead: str) -> npt.NDArray[np.uint8]:
    """Return room for images, uint8 (count, H, W).

    Raises:
        CountError: if there is not enough memory; it names what to use instead.
    """
    try:
        return np.empty((count, *shape), np.uint8)
    except (MemoryError, ValueError):  # more than there is, or than an array can have
        raise CountError(
            f"{count} images do not fit into memory at once; {instead} returns them batch by batch"
        ) from None


def pictures_at_once(shape: tuple[int, int]) -> int:
    """Return how many pictures of a height and width to draw at a time: few if they are large, to save memory."""
    return max(1, min(_AT_ONCE, _PIXELS_AT_ONCE // (shape[0] * shape[1])))

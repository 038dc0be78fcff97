"""Batches of images and arrays for them."""

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from operator import index as to_index
from pathlib import Path
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError, RequestError

_AT_ONCE = 256
_PIXELS_AT_ONCE = 1 << 22
_MOST_PREVIEWED = 100  # images that a notebook shows
_PREVIEW_SCALE = 2

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Images `start ... start + N - 1` of a seed, with labels and styles.

    `batch[i]` is an image, uint8 (H, W), and its label. A slice is a smaller batch that shares the arrays.
    `numpy.asarray(batch)` is `images`. A notebook shows a batch as a contact sheet.

    Attributes:
        images: uint8 (N, H, W), 0 = paper, 255 = ink; or (N, H, W, 3), red, green and blue, if effects give colours.
        labels: int64 (N,), positions in `class_names`.
        styles: float32 (N, S), one column per entry of `knob_names`, in the knobs' units.
        seed: seed of all images.
        start: index of the first image.
        class_names: names of the model's classes.
        knob_names: names of the model's knobs.

    Example:
        >>> batch = Generator().generate("0-9", seed=1)
        >>> image, label = batch[7]
        >>> image.shape, batch.class_names[label]
        ((28, 28), '7')
        >>> batch[2:5]
        <Batch: 3 images, seed 1, start 2>
        >>> batch.save("digits.png")
    """

    images: Images
    labels: npt.NDArray[np.int64]
    styles: npt.NDArray[np.float32]
    seed: int
    start: int
    class_names: tuple[str, ...] = ()
    knob_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Batch: {len(self)} images, seed {self.seed}, start {self.start}>"

    def __len__(self) -> int:
        return len(self.images)

    @overload
    def __getitem__(self, position: SupportsIndex) -> tuple[Images, int]: ...

    @overload
    def __getitem__(self, position: slice) -> "Batch": ...

    def __getitem__(self, position: SupportsIndex | slice) -> "tuple[Images, int] | Batch":
        if not isinstance(position, slice):
            place = to_index(position)
            return self.images[place], int(self.labels[place])
        first, _, step = position.indices(len(self))
        if step != 1:
            raise ValueError("a batch holds consecutive images; to skip some, slice batch.images")
        return replace(
            self,
            images=self.images[position],
            labels=self.labels[position],
            styles=self.styles[position],
            start=self.start + first,
        )

    def __iter__(self) -> Iterator[tuple[Images, int]]:
        return zip(self.images, self.labels.tolist(), strict=True)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.generic]:
        if copy:
            return np.array(self.images, dtype=dtype)
        array: npt.NDArray[np.generic] = np.asarray(self.images, dtype=dtype)
        if copy is False and array is not self.images:
            raise ValueError(f"images are uint8; a conversion to {array.dtype} needs a copy")
        return array

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the batch to a file, which is replaced if it exists.

        Args:
            path: `.png` for a contact sheet, or `.npz` for an archive that `numpy.load` reads. The archive has the
                arrays of `scorp-gen`: images, labels, styles, classes, knobs, seed and start.

        Raises:
            RequestError: if the path has another suffix, or a contact sheet would have no images.
            OutputError: if the file cannot be written.
        """
        from scorp_runtime.files.atomic import atomic_file

        place = Path(path)
        suffix = place.suffix.lower()
        if suffix not in (".png", ".npz"):
            raise RequestError(f"cannot save a batch as {place.name!r}; use .png or .npz")
        if suffix == ".png" and not len(self):
            raise RequestError("an empty batch has no contact sheet; use .npz")
        names = {"classes": self.class_names, "knobs": self.knob_names}
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ("images", "labels", "styles")}
        arrays |= {name: np.array(texts, np.str_) for name, texts in names.items()}
        arrays |= {"seed": np.uint64(self.seed), "start": np.uint64(self.start)}
        with atomic_file(place) as stream:
            if suffix == ".png":
                stream.write(_png(contact_sheet(self.images, self.images.shape[1:], *grid(len(self)))))
            else:
                np.savez_compressed(stream, **arrays)

    def _repr_png_(self) -> bytes | None:
        """Return a contact sheet of the first images, for notebooks."""
        if not len(self):
            return None
        shown = self.images[:_MOST_PREVIEWED]
        sheet = contact_sheet(shown, shown.shape[1:], *grid(len(shown)))
        return _png(sheet.repeat(_PREVIEW_SCALE, 0).repeat(_PREVIEW_SCALE, 1))


def new_images(count: int, shape: tuple[int, ...], instead: str) -> Images:
    """Return an array for images, uint8 (count, *shape); if it is too large, `CountError` recommends `instead`."""
    try:
        return np.empty((count, *shape), np.uint8)
    except (MemoryError, ValueError):  # ValueError: larger than any array
        raise CountError(
            f"{count} images do not fit into memory at once; {instead} returns them batch by batch"
        ) from None


def images_or_out(count: int, shape: tuple[int, ...], out: Images | None) -> Images:
    """Return `out`, or a new array if it is None; raise `RequestError` if `out` cannot hold the images."""
    if out is None:
        return new_images(count, shape, "iter_batches")
    is_array = isinstance(out, np.ndarray)
    if not is_array or out.shape != (count, *shape) or out.dtype != np.uint8 or not out.flags.writeable:
        got = f"{out.dtype} {out.shape}" if is_array else repr(type(out).__name__)
        raise RequestError(f"out must be a writeable uint8 array of shape {(count, *shape)}, not {got}")
    return out


def images_at_once(shape: tuple[int, ...]) -> int:
    """Return how many images of a shape to draw at a time: fewer if they are large, to save memory."""
    return max(1, min(_AT_ONCE, _PIXELS_AT_ONCE // math.prod(shape)))


def grid(count: int, columns: int | None = None) -> tuple[int, int]:
    """Return the rows and columns of a sheet of `count` images; without `columns`, about as many of each."""
    columns = min(columns or math.isqrt(count - 1) + 1, count)
    return -(-count // columns), columns


def contact_sheet(
    images: Iterable[Images], shape: tuple[int, ...], rows: int, columns: int, paper: int = 0
) -> Images:
    """Return a sheet of images, filled row by row from the top left; empty cells are `paper`, or white with colours."""
    height, width, *colours = shape
    sheet = np.full((rows, height, columns, width, *colours), 255 if colours else paper, np.uint8)
    for cell, image in enumerate(images):
        sheet[cell // columns, :, cell % columns] = image
    return sheet.reshape(rows * height, columns * width, *colours)


def _png(pixels: Images) -> bytes:
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()

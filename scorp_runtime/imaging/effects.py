"""How drawn pictures are presented: worn strokes, another size, off centre, out of focus, on grey paper, in noise.

All of it is in whole numbers and from the pictures' addresses, and always in this order: `breaks`, `size`, `shift`,
`blur`, `background`, `noise`; inverting, which the file formats do, comes last. Every default is the identity.
`docs/model-format.md`, section 8, is the specification.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.inference.batch import Batch
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Indices, Purpose

from .resize import resize

_LIMITS = {
    "breaks": (0, 5),
    "size": (4, 1024),
    "shift": (0, 1024),
    "blur": (0, 5),
    "background": (0, 255),
    "noise": (0, 5),
}
_NATIVE = 28  # px: the side for which severities are meant; they grow with the picture
_DARK = 128
_GRAIN = 12  # grey levels of standard deviation per severity


@dataclass(frozen=True, slots=True)
class Presentation:
    """What happens to pictures after they are drawn, in the order of the attributes.

    Attributes:
        breaks: severity 0 to 5: in how many places ink is missing, each about a pen wide.
        size: height in px, the width in proportion; None leaves it.
        shift: the most px by which a picture is moved, across and down.
        blur: severity 0 to 5.
        background: grey of the paper, 0 to 255.
        noise: severity 0 to 5 of normal noise.

    Raises:
        RequestError: for a value that is no whole number within its limits.
    """

    breaks: int = 0
    size: int | None = None
    shift: int = 0
    blur: int = 0
    background: int = 0
    noise: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if name != "size" or value is not None:
                object.__setattr__(
                    self, name, _read(name, value, low, high)
                )  # Python's integers never overflow

    def shape(self, drawn: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of a picture that was drawn in this shape."""
        if self.size is None:
            return drawn
        return self.size, max(1, drawn[1] * self.size // drawn[0])

    def apply(self, batch: Batch) -> Batch:
        """Return a batch with its pictures presented; labels and styles stay those of the drawing."""
        if not isinstance(batch, Batch):
            raise RequestError(f"expected a Batch, not {short_repr(batch)}")
        return replace(batch, images=self.present(batch.images, batch.seed, batch.start))

    def present(self, images: npt.NDArray[np.uint8], seed: int, start: Indices) -> npt.NDArray[np.uint8]:
        """Return images presented.

        Args:
            images: uint8 (N, H, W).
            seed: of the images.
            start: index of the first, or an array with the index of each.
        """
        if self.breaks:
            images = _broken(images, self.breaks, seed, start)
        images = resize(images, *self.shape(images.shape[1:]))
        if self.shift:
            images = _shifted(images, self.shift, seed, start)
        if self.blur:
            images = _blurred(images, self.blur)
        if self.background:
            images = (
                self.background + ((255 - self.background) * images.astype(np.int64) + 127) // 255
            ).astype(np.uint8)
        if self.noise:
            images = _grained(images, self.noise, seed, start)
        return images


def _broken(images: npt.NDArray[np.uint8], severity: int, seed: int, start: Indices) -> npt.NDArray[np.uint8]:
    """Rub out a disc around `severity` of the dark pixels."""
    count, height, width = images.shape
    words = philox.words(seed, Purpose.BREAKS, start, count, 2)
    down, across = np.mgrid[0:height, 0:width]
    broken = images.copy()
    for picture, drawn in zip(broken, words.tolist(), strict=True):
        rows, columns = np.nonzero(picture >= _DARK)
        for word in drawn[:severity] if len(rows) else ():
            chosen = (word >> 32) * len(rows) >> 32
            distance = (down - rows[chosen]) ** 2 + (across - columns[chosen]) ** 2
            picture[(2 * _NATIVE) ** 2 * distance <= (3 * height) ** 2] = 0
    return broken


def _shifted(images: npt.NDArray[np.uint8], reach: int, seed: int, start: Indices) -> npt.NDArray[np.uint8]:
    """Move pictures by up to `reach` px each way; what leaves the picture is lost."""
    count, height, width = images.shape
    words = philox.words(seed, Purpose.SHIFT, start, count, 1)[:, :2].tolist()
    shifted = np.zeros_like(images)
    for source, target, pair in zip(images, shifted, words, strict=True):
        down, right = (((word >> 32) * (2 * reach + 1) >> 32) - reach for word in pair)
        if abs(down) < height and abs(right) < width:
            part = source[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
            target[max(0, down) :, max(0, right) :][: part.shape[0], : part.shape[1]] = part
    return shifted


def _blurred(images: npt.NDArray[np.uint8], severity: int) -> npt.NDArray[np.uint8]:
    """Spread each pixel over its neighbours, 1 2 1 both ways, as often as severity and size ask."""
    height = images.shape[1]
    for _ in range(max(severity, severity * height * height // _NATIVE**2)):
        paper = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.uint16)
        rows = paper[:, :-2] + 2 * paper[:, 1:-1] + paper[:, 2:]
        blurred = ((rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:] + 8) // 16).astype(np.uint8)
        if np.array_equal(blurred, images):  # rounding holds every pixel: no later pass changes one
            break
        images = blurred
    return images


def _grained(
    images: npt.NDArray[np.uint8], severity: int, seed: int, start: Indices
) -> npt.NDArray[np.uint8]:
    """Add normal noise of 12 grey levels per severity, a picture at a time to save memory."""
    grained = np.empty_like(images)
    for offset, picture in enumerate(images):
        index = start[offset : offset + 1] if isinstance(start, np.ndarray) else start + offset
        noise = philox.normals(seed, Purpose.GRAIN, index, 1, picture.size)
        added = np.floor(noise * np.float32(_GRAIN * severity) + np.float32(0.5)).astype(np.int64)
        grained[offset] = np.clip(picture + added.reshape(picture.shape), 0, 255)
    return grained


def _read(name: str, value: object, low: int, high: int) -> int:
    number = philox.to_integer(value)
    if number is None or not low <= number <= high:
        raise RequestError(f"{name} must be a whole number from {low} to {high}, not {short_repr(value)}")
    return number

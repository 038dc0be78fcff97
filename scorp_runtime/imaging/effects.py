"""Effects applied to images after drawing: gaps in strokes, size, shift, blur, grey paper and noise.

Effects use integers only and depend on the seed and index of an image. Their order is fixed: `breaks`, `size`,
`shift`, `blur`, `background`, `noise`. File formats invert last. `docs/reference/model-format.md`, section 8, is the
specification.
"""

from dataclasses import dataclass, replace

import numpy as np

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.inference.batch import Batch, Images
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
_NATIVE = 28  # px: the side for which severities are defined; they grow with the image
_DARK = 128
_NOISE = 12  # grey levels of standard deviation per severity


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects on images after drawing, applied in the order of the attributes. The defaults change nothing.

    Attributes:
        breaks: number of gaps in the ink, 0 to 5, each about as wide as a stroke.
        size: height in px, 4 to 1024, with the width in proportion; None keeps the size.
        shift: largest shift in px, across and down, 0 to 1024.
        blur: severity 0 to 5.
        background: grey of the paper, 0 to 255.
        noise: severity 0 to 5 of normal noise.

    Raises:
        RequestError: if a value is not a whole number within its limits.

    Example:
        >>> effects = Effects(size=32, shift=2, noise=1)
        >>> Generator().generate("0-9", seed=1, effects=effects).images.shape
        (10, 32, 32)
        >>> effects.apply(Generator().generate("0-9", seed=1))
        <Batch: 10 images, seed 1, start 0>
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
            if name == "size" and value is None:
                continue
            number = philox.read_whole(name, value, low, high)
            object.__setattr__(self, name, number)  # unlike NumPy's, Python's integers never overflow

    def shape(self, drawn: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of an image that is drawn with the height and width `drawn`."""
        if self.size is None:
            return drawn
        return self.size, max(1, drawn[1] * self.size // drawn[0])

    def apply(self, batch: Batch) -> Batch:
        """Return a batch with the effects applied to its images. Labels and styles do not change."""
        if not isinstance(batch, Batch):
            raise RequestError(f"batch must be a Batch, not {short_repr(batch)}")
        return replace(batch, images=self.apply_to_images(batch.images, batch.seed, batch.start))

    def apply_to_images(self, images: Images, seed: int, start: Indices) -> Images:
        """Return images with the effects applied; `start` is the index of the first, or an array with that of each."""
        if self.breaks:
            images = _break(images, self.breaks, seed, start)
        images = resize(images, *self.shape(images.shape[1:]))
        if self.shift:
            images = _shift(images, self.shift, seed, start)
        if self.blur:
            images = _blur(images, self.blur)
        if self.background:
            scaled = (255 - self.background) * images.astype(np.int64) + 127
            images = (self.background + scaled // 255).astype(np.uint8)
        if self.noise:
            images = _add_noise(images, self.noise, seed, start)
        return images


def _break(images: Images, severity: int, seed: int, start: Indices) -> Images:
    """Erase a disc around each of `severity` dark pixels."""
    count, height, width = images.shape
    words = philox.words(seed, Purpose.BREAKS, start, count, 2)
    down, across = np.mgrid[0:height, 0:width]
    broken = images.copy()
    for image, drawn in zip(broken, words.tolist(), strict=True):
        rows, columns = np.nonzero(image >= _DARK)
        for word in drawn[:severity] if len(rows) else ():
            chosen = (word >> 32) * len(rows) >> 32
            distance = (down - rows[chosen]) ** 2 + (across - columns[chosen]) ** 2
            image[(2 * _NATIVE) ** 2 * distance <= (3 * height) ** 2] = 0
    return broken


def _shift(images: Images, reach: int, seed: int, start: Indices) -> Images:
    """Move images by up to `reach` px in each direction; what leaves the image is lost."""
    count, height, width = images.shape
    words = philox.words(seed, Purpose.SHIFT, start, count, 1)[:, :2].tolist()
    shifted = np.zeros_like(images)
    for source, target, pair in zip(images, shifted, words, strict=True):
        down, right = (((word >> 32) * (2 * reach + 1) >> 32) - reach for word in pair)
        if abs(down) < height and abs(right) < width:
            part = source[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
            target[max(0, down) :, max(0, right) :][: part.shape[0], : part.shape[1]] = part
    return shifted


def _blur(images: Images, severity: int) -> Images:
    """Spread each pixel over its neighbours by 1 2 1 both ways, in more passes for large images."""
    height = images.shape[1]
    for _ in range(max(severity, severity * height * height // _NATIVE**2)):
        paper = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.uint16)
        rows = paper[:, :-2] + 2 * paper[:, 1:-1] + paper[:, 2:]
        blurred = ((rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:] + 8) // 16).astype(np.uint8)
        if np.array_equal(blurred, images):  # rounding keeps every pixel, so no later pass changes one
            break
        images = blurred
    return images


def _add_noise(images: Images, severity: int, seed: int, start: Indices) -> Images:
    """Add normal noise, one image at a time to save memory."""
    noisy = np.empty_like(images)
    for offset, image in enumerate(images):
        index = start[offset : offset + 1] if isinstance(start, np.ndarray) else start + offset
        noise = philox.normals(seed, Purpose.GRAIN, index, 1, image.size)
        added = np.floor(noise * np.float32(_NOISE * severity) + np.float32(0.5)).astype(np.int64)
        noisy[offset] = np.clip(image + added.reshape(image.shape), 0, 255)
    return noisy

"""Effects applied to images after drawing: gaps in strokes, size, uneven ink, shift, blur, paper, colours and noise.

Effects use integers only and depend on the seed and index of an image. Their order is fixed: `breaks`, `size`, `fade`,
`bleed`, `shift`, `blur`, `background` or `ink` and `paper`, `noise`. File formats invert last.
`docs/reference/model-format.md`, section 8, is the specification.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.inference.batch import Batch, Images
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Indices, Purpose

from .paper import Place, read_ink, read_paper, written
from .resize import resize

_LIMITS = {
    "breaks": (0, 5),
    "size": (4, 1024),
    "fade": (0, 5),
    "bleed": (0, 5),
    "shift": (0, 1024),
    "blur": (0, 5),
    "background": (0, 255),
    "noise": (0, 5),
}
_NATIVE = 28  # px: the side for which severities are defined; they grow with the image
_DARK = 128
_NOISE = 12  # grey levels of standard deviation per severity
_FADED = 36  # largest share of the ink that is lost per severity, in 256ths
_PATCH, _FIBRE = 6, 2  # px of a native image: how far apart the ink and the paper change
_ONLY_IMAGES = ("size", "shift")


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects on images after drawing, applied in the order of the attributes. The defaults change nothing.

    Attributes:
        breaks: number of gaps in the ink, 0 to 5, each about as wide as a stroke.
        size: height in px, 4 to 1024, with the width in proportion; None keeps the size.
        fade: severity 0 to 5 of ink that gets lighter in places along the strokes.
        bleed: severity 0 to 5 of ink that runs into the paper.
        shift: largest shift in px, across and down, 0 to 1024.
        blur: severity 0 to 5.
        background: grey of the paper, 0 to 255.
        ink: colour of the ink, such as `"#1a2a6c"` or `"navy"`. Ink and paper make images uint8 (..., H, W, 3), red,
            green and blue, black on white unless you pass both. None keeps grey images.
        paper: a colour, `"ruled"`, `"grid"`, or the path of a PNG file, from which each image gets a random part.
        noise: severity 0 to 5 of normal noise.
        paper_sha256: SHA-256 of the paper file, which must match; None computes it.

    Raises:
        RequestError: if a value is not a whole number within its limits, or a colour is unknown.
        DatasetError: if the paper file cannot be read, or is too small or too large.

    Example:
        >>> effects = Effects(size=32, shift=2, noise=1)
        >>> Generator().generate("0-9", seed=1, effects=effects).images.shape
        (10, 32, 32)
        >>> effects.apply(Generator().generate("0-9", seed=1))
        <Batch: 10 images, seed 1, start 0>
    """

    breaks: int = 0
    size: int | None = None
    fade: int = 0
    bleed: int = 0
    shift: int = 0
    blur: int = 0
    background: int = 0
    ink: str | None = None
    paper: str | Path | None = None
    noise: int = 0
    paper_sha256: str | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if name == "size" and value is None:
                continue
            number = philox.read_whole(name, value, low, high)
            object.__setattr__(self, name, number)  # unlike NumPy's, Python's integers never overflow
        if self.ink is not None:
            read_ink(self.ink)
        if self.paper is not None:
            paper, sha256 = read_paper(self.paper, self.paper_sha256)
            object.__setattr__(self, "paper", paper)
            object.__setattr__(self, "paper_sha256", sha256)
        elif self.paper_sha256 is not None:
            raise RequestError("paper_sha256 is the checksum of a paper file; pass paper")
        if self.has_colours and self.background:
            raise RequestError("background is for grey images; use paper for the colour of the paper")

    @property
    def has_colours(self) -> bool:
        """Whether images are red, green and blue."""
        return self.ink is not None or self.paper is not None

    def shape(self, drawn: tuple[int, int]) -> tuple[int, ...]:
        """Return the shape of an image that is drawn with the height and width `drawn`: (H, W), or (H, W, 3)."""
        height, width = drawn
        if self.size is not None:
            height, width = self.size, max(1, width * self.size // height)
        return (height, width, 3) if self.has_colours else (height, width)

    def changes(self) -> dict[str, int | str]:
        """Return the effects that are not the default, by name, for JSON."""
        default = Effects()
        return {name: value for name, value in asdict(self).items() if value != getattr(default, name)}

    def check_page(self) -> None:
        """Raise `RequestError` if an effect is not for pages."""
        for name in _ONLY_IMAGES:
            if getattr(self, name):
                raise RequestError(
                    f"{name} is for images of one character; pages have the lengths of a Layout"
                )

    def check_invert(self, invert: bool) -> None:
        """Raise `RequestError` if images in colour are to be inverted."""
        if invert and self.has_colours:
            raise RequestError("images in colour cannot be inverted; remove invert, or ink and paper")

    def apply(self, batch: Batch) -> Batch:
        """Return a batch with the effects applied to its images. Labels and styles do not change."""
        if not isinstance(batch, Batch):
            raise RequestError(f"batch must be a Batch, not {short_repr(batch)}")
        return replace(batch, images=self.apply_to_images(batch.images, batch.seed, batch.start))

    def apply_to_images(self, images: Images, seed: int, start: Indices) -> Images:
        """Return images with the effects applied; `start` is the index of the first, or an array with that of each."""
        if self.breaks:
            images = _break(images, self.breaks, seed, start, images.shape[1])
        images = resize(images, *self.shape(images.shape[1:])[:2])
        height = images.shape[1]
        images = self._spread(images, seed, start, height)
        if self.shift:
            images = _shift(images, self.shift, seed, start)
        line = 8 * height // 7
        words = philox.words(seed, Purpose.PAPER, start, len(images), 1).tolist() if self.has_colours else []
        places = [Place(line, word * line >> 64, (across, down)) for word, across, down, _ in words]
        return self._on_paper(images, seed, start, height, places)

    def apply_to_ink(self, ink: Images, seed: int, index: int, size: int) -> Images:
        """Return the ink (H, W) of a character on a page after `breaks`, `fade` and `bleed`, larger on all sides.

        `size` is the height of the image that the ink is cut from. A severity of `bleed` makes the ink larger by
        `_reach(bleed, size)` px on each side.
        """
        images = np.pad(ink, _reach(self.bleed, size))[np.newaxis]
        if self.breaks:
            images = _break(images, self.breaks, seed, index, size)
        spread: Images = self._spread(images, seed, index, size)[0]
        return spread

    def apply_to_page(self, page: Images, seed: int, index: int, size: int, line: int, y: int) -> Images:
        """Return a page (H, W) after `blur`, on paper, with `noise`; baselines are `line` apart, one at row `y`."""
        across, down = philox.words(seed, Purpose.PAPER, index, 1, 1)[0, 1:3].tolist()
        finished: Images = self._on_paper(page[None], seed, index, size, [Place(line, y, (across, down))])[0]
        return finished

    def _spread(self, images: Images, seed: int, start: Indices, height: int) -> Images:
        if self.fade:
            images = _fade(images, self.fade, seed, start, height)
        if self.bleed:
            images = _bleed(images, self.bleed, seed, start, height)
        return images

    def _on_paper(
        self, images: Images, seed: int, start: Indices, height: int, places: Sequence[Place]
    ) -> Images:
        if self.blur:
            images = _blur(images, _passes(self.blur, height))
        if self.background:
            scaled = (255 - self.background) * images.astype(np.int64) + 127
            images = (self.background + scaled // 255).astype(np.uint8)
        if self.has_colours:
            paper = None if self.paper is None else str(self.paper)
            pairs = zip(images, places, strict=True)
            coloured = [written(image, self.ink, paper, self.paper_sha256, place) for image, place in pairs]
            images = np.stack(coloured) if coloured else np.empty((*images.shape, 3), np.uint8)
        if self.noise:
            images = _add_noise(images, self.noise, seed, start)
        return images


def _passes(severity: int, height: int) -> int:
    """Return how often a blur of a severity averages neighbours, for a character's image of a height."""
    return max(severity, severity * height * height // _NATIVE**2)


def _reach(severity: int, height: int) -> int:
    """Return by how many px ink runs at most, for a character's image of a height."""
    return max(severity, severity * height // _NATIVE)


def _break(images: Images, severity: int, seed: int, start: Indices, height: int) -> Images:
    """Erase a disc around each of `severity` dark pixels; `height` is that of a character's image."""
    count, rows, columns = images.shape
    words = philox.words(seed, Purpose.BREAKS, start, count, 2)
    down, across = np.mgrid[0:rows, 0:columns]
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


def _fade(images: Images, severity: int, seed: int, start: Indices, height: int) -> Images:
    """Make the ink lighter in places, by up to `_FADED` 256ths per severity."""
    patches = _patches(images.shape, _PATCH, Purpose.FADE, seed, start, height)
    kept = 256 * 255 - _FADED * severity * np.clip(2 * patches - 128, 0, 255)
    return ((images * kept + 128 * 255) // (256 * 255)).astype(np.uint8)


def _bleed(images: Images, severity: int, seed: int, start: Indices, height: int) -> Images:
    """Let ink run into neighbours, further along some fibres of the paper than along others."""
    fibres = _patches(images.shape, _FIBRE, Purpose.BLEED, seed, start, height)
    for _ in range(_reach(severity, height)):
        spread = _blur(images, 1) * (fibres + 128) // 256
        images = np.maximum(images, np.minimum(spread, 255).astype(np.uint8))
    return images


def _patches(
    shape: tuple[int, ...], distance: int, purpose: Purpose, seed: int, start: Indices, height: int
) -> npt.NDArray[np.int32]:
    """Return smooth random numbers, 0 to 255, int32 (N, H, W), that change over `distance` px of a native image."""
    count, *sides = shape
    step = max(1, distance * height // _NATIVE)
    rows, columns = (-(-side // step) + 1 for side in sides)
    words = philox.words(seed, purpose, start, count, -(-rows * columns // 32))
    octets = words.astype("<u8", copy=False).view(np.uint8)[:, : rows * columns]
    patches: npt.NDArray[np.int32] = resize(octets.reshape(count, rows, columns), *sides).astype(np.int32)
    return patches


def _blur(images: Images, passes: int) -> Images:
    """Spread each pixel over its neighbours by 1 2 1 both ways, in passes."""
    for _ in range(passes):
        paper = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.uint16)
        rows = paper[:, :-2] + 2 * paper[:, 1:-1] + paper[:, 2:]
        blurred = ((rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:] + 8) // 16).astype(np.uint8)
        if np.array_equal(blurred, images):  # rounding keeps every pixel, so no later pass changes one
            break
        images = blurred
    return images


def _add_noise(images: Images, severity: int, seed: int, start: Indices) -> Images:
    """Add normal noise, the same to all colours, one image at a time to save memory."""
    noisy = np.empty_like(images)
    for offset, image in enumerate(images):
        index = start[offset : offset + 1] if isinstance(start, np.ndarray) else start + offset
        height, width, *colours = image.shape
        noise = philox.normals(seed, Purpose.GRAIN, index, 1, height * width)
        added = np.floor(noise * np.float32(_NOISE * severity) + np.float32(0.5)).astype(np.int64)
        noisy[offset] = np.clip(image + added.reshape(height, width, *(1 for _ in colours)), 0, 255)
    return noisy

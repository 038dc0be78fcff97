"""Read one image file of any common format as it is stored: values and transparency, upright."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from .errors import DataError
from .grey_levels import GreyLevels

# Pillow reads more formats, but passes PostScript to a program that executes it.
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")
SUFFIXES = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp",
    ".ppm", ".pgm", ".pbm", ".pnm", ".pfm",
)  # fmt: skip
_MOST_PIXELS = 1 << 24


@dataclass(frozen=True, eq=False)
class StoredImage:
    """An image as stored.

    Attributes:
        values: (H, W) of uint8, or uint16, int32 or float32 as in the file.
        alpha: uint8 (H, W), None if opaque.
    """

    values: NDArray[np.generic]
    alpha: NDArray[np.uint8] | None

    def grey(self, levels: GreyLevels, bright_paper: bool) -> NDArray[np.uint8]:
        """Return grey levels 0 to 255; transparent parts are paper."""
        grey = levels.convert(self.values)
        if self.alpha is None:
            return grey
        paper, share = 255.0 if bright_paper else 0.0, self.alpha / 255.0
        return np.rint(paper + (grey - paper) * share).astype(np.uint8)


def read_image(path: Path, most_pixels: int = _MOST_PIXELS) -> StoredImage:
    """Read an image file, or the first image of an animation. Raises `DataError`, which does not name the file."""
    if not path.is_file():  # opening a pipe would wait forever
        raise DataError("not a readable image")
    try:
        # Oddities of a file that can be read do not matter.
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > most_pixels:
                raise DataError(
                    f"too large: {image.width} x {image.height} pixels; at most {most_pixels:,} in all"
                )
            return _stored(ImageOps.exif_transpose(image))
    except DataError:
        raise
    except Exception as error:  # decoders raise all kinds of errors
        raise DataError("not a readable image") from error


def read_scan(path: Path, most_pixels: int = _MOST_PIXELS) -> NDArray[np.uint8]:
    """Read a scan as uint8 (H, W), scaled by its own range of values, on white paper. Raises `DataError`."""
    try:
        stored = read_image(path, most_pixels)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    levels = GreyLevels()
    levels.observe(stored.values, str(path))
    levels.decide()
    return stored.grey(levels, bright_paper=True)


def _stored(image: Image.Image) -> StoredImage:
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        values = values.astype(values.dtype.newbyteorder("="))
        key = image.info.get("transparency")
        alpha = np.where(values == key, 0, 255).astype(np.uint8) if isinstance(key, int) else None
        return StoredImage(values, alpha)
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        alpha = np.asarray(layer.getchannel("A"))
        return StoredImage(
            np.asarray(layer.convert("RGB").convert("L")), alpha if alpha.min() < 255 else None
        )
    return StoredImage(np.asarray(image.convert("L")), None)

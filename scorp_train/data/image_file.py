"""One image file of any kind that people have, as it is stored: values and transparency, upright."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from .errors import DataError
from .levels import Levels

# Pillow reads more, and hands PostScript to a program that runs it.
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")
SUFFIXES = frozenset(
    {
        ".png",
        ".apng",
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jif",
        ".jfif",
        ".bmp",
        ".dib",
        ".gif",
        ".tif",
        ".tiff",
        ".webp",
    }
    | {".ppm", ".pgm", ".pbm", ".pnm", ".pfm"}
)
_MOST_PIXELS = 1 << 24


@dataclass(frozen=True, eq=False)
class Stored:
    """`values` (H, W): uint8, or uint16, int32 or float32 as in the file; `alpha` uint8 (H, W), None if opaque."""

    values: NDArray[np.generic]
    alpha: NDArray[np.uint8] | None

    def grey(self, levels: Levels, bright_paper: bool) -> NDArray[np.uint8]:
        """Grey levels 0 to 255; transparent parts are paper."""
        grey = levels.grey(self.values)
        if self.alpha is None:
            return grey
        paper, share = 255.0 if bright_paper else 0.0, self.alpha / 255.0
        return np.rint(paper + (grey - paper) * share).astype(np.uint8)


def read_stored(path: Path, most_pixels: int = _MOST_PIXELS) -> Stored:
    """The image in a file, upright; of an animation the first. Raises `DataError`, which does not name the file."""
    if not path.is_file():  # a pipe would be waited for without end
        raise DataError("no readable picture")
    try:
        # What is odd in a file that can be read all the same is told to nobody.
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > most_pixels:
                raise DataError(
                    f"too large: {image.width} x {image.height} pixels; at most {most_pixels:,} in all"
                )
            return _stored(ImageOps.exif_transpose(image))
    except DataError:
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        raise DataError("no readable picture") from error


def read_grey(path: Path, most_pixels: int = _MOST_PIXELS) -> NDArray[np.uint8]:
    """A scan as uint8 (H, W), by its own range of values, on white paper. Raises `DataError`."""
    stored = read_stored(path, most_pixels)
    levels = Levels()
    levels.see(stored.values, str(path))
    levels.settle()
    return stored.grey(levels, bright_paper=True)


def _stored(image: Image.Image) -> Stored:
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        values = values.astype(values.dtype.newbyteorder("="))
        key = image.info.get("transparency")
        return Stored(
            values, np.where(values == key, 0, 255).astype(np.uint8) if isinstance(key, int) else None
        )
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        alpha = np.asarray(layer.getchannel("A"))
        return Stored(np.asarray(layer.convert("RGB").convert("L")), alpha if alpha.min() < 255 else None)
    return Stored(np.asarray(image.convert("L")), None)

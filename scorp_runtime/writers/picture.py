"""One array of pixels as a PNG stream."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image


def save_png(pixels: npt.NDArray[np.uint8], target: BinaryIO | Path, scale: int | None) -> None:
    """Write grey pixels (H, W), each as a square of `scale` x `scale`, to a stream or a path that ends in `.png`."""
    if scale is not None:
        pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if isinstance(target, Path):
        image.save(target)
        return
    stream = _Png()
    image.save(stream)
    target.write(stream.getbuffer())


class _Png(BytesIO):
    """A file in memory. By the name Pillow knows the format, and loads one plugin and not five."""

    name = "picture.png"

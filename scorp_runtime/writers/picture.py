"""One array of pixels as a PNG stream."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image


def save_png(pixels: npt.NDArray[np.uint8], target: BinaryIO | Path, scale: int | None) -> None:
    """Write grey pixels (H, W), each as a square of `scale` x `scale`."""
    if scale is not None:
        pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    Image.fromarray(np.ascontiguousarray(pixels)).save(target, "PNG")

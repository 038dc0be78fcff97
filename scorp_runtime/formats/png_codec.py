"""PNG files that carry the address of their image."""

import json
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from scorp_runtime.files.bounded import check_regular

KEYWORD = "scorp"
"""Keyword of the PNG text chunk that holds the address, in JSON."""


def png_bytes(pixels: npt.NDArray[np.uint8], address: dict[str, object]) -> bytes:
    """Return a PNG file of grey pixels, uint8 (H, W), and their address."""
    text = PngInfo()
    text.add_text(KEYWORD, json.dumps(address))
    file = _PngBytes()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, pnginfo=text)
    return file.getvalue()


def read_png(source: BinaryIO | Path) -> npt.NDArray[np.generic]:
    """Return the pixels of a grey PNG file, uint8 (H, W); call this inside `decoding`, as it may raise anything."""
    if isinstance(source, Path):
        check_regular(source)
    try:
        with Image.open(source, formats=["PNG"]) as image:
            if image.mode != "L":
                raise ValueError(f"a PNG image of mode {image.mode}, not L")
            return np.asarray(image)
    except UnidentifiedImageError:  # its message shows the memory address of an object
        raise ValueError("not a PNG image") from None


class _PngBytes(BytesIO):
    """A file in memory. The name tells Pillow the format, so that it loads one plugin instead of five."""

    name = "image.png"

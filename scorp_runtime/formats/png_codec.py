"""One array of pixels as a PNG stream that carries its address."""

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
"""The keyword of the PNG text chunk that says, in JSON, where the picture comes from."""


def save_png(pixels: npt.NDArray[np.uint8], target: BinaryIO | Path, address: dict[str, object]) -> None:
    """Write grey pixels (H, W) and what `address` says of them to a stream or to a path that ends in `.png`."""
    texts = PngInfo()
    texts.add_text(KEYWORD, json.dumps(address))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if isinstance(target, Path):
        image.save(target, pnginfo=texts)
        return
    stream = _Png()
    image.save(stream, pnginfo=texts)
    target.write(stream.getbuffer())


def png_bytes(pixels: npt.NDArray[np.uint8], address: dict[str, object]) -> bytes:
    """Return what `save_png` writes."""
    stream = BytesIO()
    save_png(pixels, stream, address)
    return stream.getvalue()


def read_png(source: BinaryIO | Path) -> npt.NDArray[np.generic]:
    """Return the pixels of a PNG file.

    Raises:
        Exception: of any type, if it cannot be read, is not grey, or has more pixels than Pillow admits; call this
            inside `decoding`.
    """
    if isinstance(source, Path):
        check_regular(source)
    try:
        with Image.open(source, formats=["PNG"]) as image:
            if image.mode != "L":
                raise ValueError(f"a PNG image of mode {image.mode}, not L")
            return np.asarray(image)
    except UnidentifiedImageError:  # its message shows the address of an object
        raise ValueError("not a PNG image") from None


class _Png(BytesIO):
    """A file in memory. By the name Pillow knows the format, and loads one plugin and not five."""

    name = "picture.png"

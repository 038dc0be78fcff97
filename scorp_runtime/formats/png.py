"""Format `png`: one image, or a contact sheet of many; and PNG files that carry the address of their image."""

import json
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from scorp_runtime.errors import RequestError
from scorp_runtime.files.bounded import check_regular
from scorp_runtime.inference.batch import contact_sheet, grid

from .format import FileFormat
from .job import ImageJob, enlarge

KEYWORD = "scorp"
"""Keyword of the PNG text chunk that holds the address, in JSON."""

LARGEST_SHEET = 1 << 26
"""The most pixels of one PNG file."""


class PngFormat(FileFormat[ImageJob]):
    """One PNG file that carries the address of its images."""

    def check(self, job: ImageJob) -> None:
        """Refuse a sheet that is too large for memory."""
        rows, columns = grid(job.count, job.columns)
        height, width = job.image_shape[:2]
        pixels = rows * height * columns * width * (job.scale or 1) ** 2
        if pixels > LARGEST_SHEET:
            raise RequestError(
                f"a sheet of {job.count} images has {pixels} pixels, more than {LARGEST_SHEET}; "
                "write a folder or .npy instead"
            )

    def write_file(self, job: ImageJob, stream: BinaryIO) -> None:
        """Write the sheet row by row from the top left; empty cells are paper."""
        images = (image for batch in job.batches() for image in batch.images)
        paper = 255 if job.invert else 0
        sheet = contact_sheet(images, job.image_shape, *grid(job.count, job.columns), paper)
        pixels = enlarge(sheet, job.scale)
        stream.write(png_bytes(pixels, job.address(job.start, {"count": job.count})))


def png_bytes(pixels: npt.NDArray[np.uint8], address: dict[str, object]) -> bytes:
    """Return a PNG file of pixels, uint8 (H, W) or (H, W, 3), and their address."""
    text = PngInfo()
    text.add_text(KEYWORD, json.dumps(address))
    file = _PngBytes()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, pnginfo=text)
    return file.getvalue()


def read_png(source: BinaryIO | Path) -> npt.NDArray[np.generic]:
    """Return the pixels of a PNG file, uint8 (H, W) or (H, W, 3); use it inside `decoding`: it may raise anything."""
    if isinstance(source, Path):
        check_regular(source)
    try:
        with Image.open(source, formats=["PNG"]) as image:
            if image.mode not in ("L", "RGB"):
                raise ValueError(f"a PNG image of mode {image.mode}, not L or RGB")
            return np.asarray(image)
    except UnidentifiedImageError:  # its message shows the memory address of an object
        raise ValueError("not a PNG image") from None


class _PngBytes(BytesIO):
    """A file in memory. The name tells Pillow the format, so that it loads one plugin instead of five."""

    name = "image.png"


FORMAT = PngFormat()

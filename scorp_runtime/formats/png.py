"""Format `png`: one image, or a contact sheet of many."""

import math
from typing import BinaryIO

import numpy as np

from scorp_runtime.errors import RequestError

from .format import FileFormat
from .job import ImageJob, enlarge
from .png_codec import png_bytes

LARGEST_SHEET = 1 << 26
"""The most pixels of one PNG file."""


class PngFormat(FileFormat[ImageJob]):
    """One PNG file that carries the address of its images."""

    def check(self, job: ImageJob) -> None:
        """Refuse a sheet that is too large for memory."""
        rows, columns = grid(job.count, job.columns)
        height, width = job.image_shape
        pixels = rows * height * columns * width * (job.scale or 1) ** 2
        if pixels > LARGEST_SHEET:
            raise RequestError(
                f"a sheet of {job.count} images has {pixels} pixels, more than {LARGEST_SHEET}; "
                "write a folder or .npy instead"
            )

    def write_file(self, job: ImageJob, stream: BinaryIO) -> None:
        """Write the sheet row by row from the top left; empty cells are paper."""
        rows, columns = grid(job.count, job.columns)
        height, width = job.image_shape
        sheet = np.full((rows, height, columns, width), 255 if job.invert else 0, np.uint8)
        cell = 0
        for batch in job.batches():
            for image in batch.images:
                sheet[cell // columns, :, cell % columns] = image
                cell += 1
        pixels = enlarge(sheet.reshape(rows * height, columns * width), job.scale)
        stream.write(png_bytes(pixels, job.address(job.start, {"count": job.count})))


def grid(count: int, columns: int | None) -> tuple[int, int]:
    """Return the rows and columns of a sheet of `count` images; without `columns`, about as many of each."""
    columns = min(columns or math.isqrt(count - 1) + 1, count)
    return -(-count // columns), columns


FORMAT = PngFormat()

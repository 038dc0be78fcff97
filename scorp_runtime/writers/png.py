"""One PNG file: a single picture, or many on a contact sheet."""

import math
from typing import BinaryIO

import numpy as np

from ..errors import RequestError
from .job import Job
from .picture import save_png

LARGEST_SHEET = 1 << 26
"""The most pixels of one PNG file."""


def check(job: Job) -> None:
    """Refuse a sheet too large to be made in memory, or with more columns than pictures."""
    rows, columns = grid(job)
    height, width = job.image_shape
    pixels = rows * height * columns * width * (job.scale or 1) ** 2
    if pixels > LARGEST_SHEET:
        raise RequestError(
            f"a sheet of {job.count} pictures would have {pixels} pixels, more than {LARGEST_SHEET}: "
            "write a folder or .npy instead"
        )


def write(job: Job, stream: BinaryIO) -> None:
    """Write the sheet, row by row from the top left; places left over stay paper."""
    rows, columns = grid(job)
    height, width = job.image_shape
    sheet = np.full((rows, height, columns, width), 255 if job.invert else 0, np.uint8)
    place = 0
    for batch in job.batches():
        for image in batch.images:
            sheet[place // columns, :, place % columns] = image
            place += 1
    save_png(sheet.reshape(rows * height, columns * width), stream, job.scale)


def grid(job: Job) -> tuple[int, int]:
    """Return the rows and columns of the sheet."""
    columns = min(job.columns or math.isqrt(job.count - 1) + 1, job.count)
    return -(-job.count // columns), columns

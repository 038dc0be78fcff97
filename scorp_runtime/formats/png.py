"""One PNG file: a single picture, or many on a contact sheet."""

import math
from typing import BinaryIO

import numpy as np

from scorp_runtime.errors import RequestError

from .job import Job, enlarged, model_name
from .png_codec import save_png

LARGEST_SHEET = 1 << 26
"""The most pixels of one PNG file."""


def check(job: Job) -> None:
    """Refuse a sheet too large to be made in memory."""
    rows, columns = grid(job.count, job.columns)
    height, width = job.image_shape
    pixels = rows * height * columns * width * (job.scale or 1) ** 2
    if pixels > LARGEST_SHEET:
        raise RequestError(
            f"a sheet of {job.count} pictures would have {pixels} pixels, more than {LARGEST_SHEET}: "
            "write a folder or .npy instead"
        )


def write(job: Job, stream: BinaryIO) -> None:
    """Write the sheet, row by row from the top left; places left over stay paper."""
    rows, columns = grid(job.count, job.columns)
    height, width = job.image_shape
    sheet = np.full((rows, height, columns, width), 255 if job.invert else 0, np.uint8)
    place = 0
    for batch in job.batches():
        for image in batch.images:
            sheet[place // columns, :, place % columns] = image
            place += 1
    address = {
        "model": model_name(job.info, job.model_sha256),
        "seed": str(job.seed),
        "index": str(job.start),
        "count": job.count,
        **job.hand_and_presentation(),
    }
    save_png(enlarged(sheet.reshape(rows * height, columns * width), job.scale), stream, address)


def grid(count: int, columns: int | None) -> tuple[int, int]:
    """Return the rows and columns of a sheet of `count` pictures: at most `columns`, or about as many as rows."""
    columns = min(columns or math.isqrt(count - 1) + 1, count)
    return -(-count // columns), columns

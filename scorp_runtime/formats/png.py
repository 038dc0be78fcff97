"""Format `png`: one image, or a contact sheet of many."""

from typing import BinaryIO

from scorp_runtime.errors import RequestError
from scorp_runtime.inference.batch import contact_sheet, grid

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
        images = (image for batch in job.batches() for image in batch.images)
        paper = 255 if job.invert else 0
        sheet = contact_sheet(images, job.image_shape, *grid(job.count, job.columns), paper)
        pixels = enlarge(sheet, job.scale)
        stream.write(png_bytes(pixels, job.address(job.start, {"count": job.count})))


FORMAT = PngFormat()

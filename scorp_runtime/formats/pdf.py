"""Format `pdf`: a PDF file with one image per page, for people and printers; Pillow compresses the images as JPEG."""

import time
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from scorp_runtime.errors import RequestError

from .format import FileFormat
from .page_job import PageJob

_MOST_PIXELS = 1 << 28  # of all pages, which Pillow holds in memory
_QUALITY = 92  # of JPEG
_NO_TIME = time.gmtime(0)  # the same pages make the same file


class PdfFormat(FileFormat[PageJob]):
    """One PDF file."""

    def write_file(self, job: PageJob, stream: BinaryIO) -> None:
        """Write all pages; raise `RequestError` if they are too large for memory."""
        pages, pixels = [], 0
        for sample in job.samples():
            pages.append(Image.fromarray(sample.image))
            pixels += sample.image.size
            if pixels > _MOST_PIXELS:
                raise RequestError(
                    f"{job.count} pages are too large for one PDF file; write fewer of them, or a folder"
                )
        file = BytesIO()
        pages[0].save(
            file,
            "PDF",
            save_all=True,
            append_images=pages[1:],
            resolution=job.dpi,
            quality=_QUALITY,
            creationDate=_NO_TIME,
            modDate=_NO_TIME,
        )
        stream.write(file.getvalue())


FORMAT = PdfFormat()

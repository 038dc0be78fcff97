"""Format `npy`: the images alone as one NumPy array."""

from typing import IO, BinaryIO

from numpy.lib import format as npy_format

from scorp_runtime.errors import RequestError

from .format import FileFormat
from .job import ImageJob


class NpyFormat(FileFormat[ImageJob]):
    """Images as uint8 (N, H, W), written in constant memory."""

    def check(self, job: ImageJob) -> None:
        check_arrays(job)

    def write_file(self, job: ImageJob, stream: BinaryIO) -> None:
        write_header(job, stream)
        for batch in job.batches():
            stream.write(batch.images.tobytes())


def check_arrays(job: ImageJob) -> None:
    """Raise `RequestError` if a job enlarges pixels, which arrays have no use for, or has colours."""
    if job.scale is not None:
        raise RequestError("--scale is for PNG files; arrays store each pixel once")
    if len(job.image_shape) > 2:
        raise RequestError(
            "--ink and --paper are for PNG, tar, parquet and folders; this format has grey arrays"
        )


def write_header(job: ImageJob, stream: IO[bytes]) -> None:
    """Write the header of a `.npy` array of the images of a job."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (job.count, *job.image_shape)}
    npy_format.write_array_header_1_0(stream, header)


FORMAT = NpyFormat()

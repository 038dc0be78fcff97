"""The pictures alone as one `.npy` array, written in constant memory."""

from typing import BinaryIO

from numpy.lib import format as npy_format

from ..errors import RequestError
from .job import Job


def check(job: Job) -> None:
    """Refuse the options of sheets."""
    if job.columns is not None or job.scale is not None:
        raise RequestError("columns and scale are for PNG; arrays have neither")


def write(job: Job, stream: BinaryIO) -> None:
    """Write uint8 (count, H, W)."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (job.count, *job.image_shape)}
    npy_format.write_array_header_1_0(stream, header)
    for batch in job.batches():
        stream.write(batch.images.tobytes())

"""The pictures alone as one `.npy` array, written in constant memory."""

from typing import BinaryIO

from numpy.lib import format as npy_format

from scorp_runtime.errors import RequestError

from .job import Job


def check(job: Job) -> None:
    """Refuse to enlarge pixels."""
    if job.scale is not None:
        raise RequestError("scale is for PNG; arrays hold a number per pixel")


def write(job: Job, stream: BinaryIO) -> None:
    """Write uint8 (count, H, W)."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (job.count, *job.image_shape)}
    npy_format.write_array_header_1_0(stream, header)
    for batch in job.batches():
        stream.write(batch.images.tobytes())

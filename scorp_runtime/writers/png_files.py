"""What the formats that hold one PNG per picture refuse."""

from ..errors import RequestError
from .job import Job


def check(job: Job) -> None:
    """Refuse the columns of a sheet."""
    if job.columns is not None:
        raise RequestError("columns are for sheets; this format holds a PNG per picture")

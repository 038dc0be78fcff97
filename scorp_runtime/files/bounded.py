"""Read files that may be anything: only regular ones, as a pipe could block for ever, and only up to a size."""

import stat
from pathlib import Path

LARGEST = 1 << 26
"""Size limit, in bytes, of a file that is read into memory."""


def read_regular(path: Path) -> bytes:
    """Return the contents of a regular file of at most `LARGEST` bytes; otherwise raise `OSError`."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{path.name} is not a file")
    if status.st_size > LARGEST:
        raise OSError(f"larger than {LARGEST >> 20} MB")
    return path.read_bytes()

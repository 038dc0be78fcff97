"""Read untrusted files: only regular ones, as a pipe could block the reader for ever, and only up to a size."""

import stat
from pathlib import Path
from typing import TextIO

LARGEST = 1 << 26
"""Size limit, in bytes, of a file that is read into memory."""


def check_regular(path: Path) -> None:
    """Raise `OSError` if a path is missing, or is a folder, a pipe or a device."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{path.name} is not a file")


def open_text(path: Path) -> TextIO:
    """Open a regular UTF-8 text file, and keep its line ends."""
    check_regular(path)
    return path.open(encoding="utf-8", newline="")


def read_regular(path: Path) -> bytes:
    """Return the contents of a regular file of at most `LARGEST` bytes; otherwise raise `OSError`."""
    check_regular(path)
    if path.stat().st_size > LARGEST:
        raise OSError(f"larger than {LARGEST >> 20} MB")
    return path.read_bytes()

"""Files that somebody else may have put there: read only if they are files, so that no pipe makes a reader wait."""

import stat
from pathlib import Path
from typing import TextIO

LARGEST = 1 << 26
"""The most bytes of a file that is read into memory as a whole."""


def check_regular(path: Path) -> None:
    """Raise `OSError` if a path is a folder, a pipe or a device, or is not there."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{path.name} is not a file")


def open_text(path: Path) -> TextIO:
    """Open a file of text, with line ends as they are.

    Raises:
        OSError: if it cannot be read, or is no regular file.
    """
    check_regular(path)
    return path.open(encoding="utf-8", newline="")


def read_regular(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: if it cannot be read, is no regular file, or has more than `LARGEST` bytes.
    """
    check_regular(path)
    if path.stat().st_size > LARGEST:
        raise OSError(f"larger than {LARGEST >> 20} MB")
    return path.read_bytes()

"""The folders that commands write into."""

import os
from pathlib import Path

from scorp_runtime.errors import OutputError


def check_folder(path: Path) -> None:
    """Raises `OutputError` where no folder can be made or written at `path`, to tell it before hours of work."""
    place = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not place.is_dir():
        raise OutputError(f"cannot write {path}: {place} is a file, not a folder")
    if not os.access(place, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: no permission to write in {place}")


def make_folder(path: Path) -> None:
    """Makes the folder and those around it where they are missing. Raises `OutputError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error

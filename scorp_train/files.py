"""Output folders of the commands."""

import os
from pathlib import Path

from scorp_runtime.errors import OutputError


def check_folder(path: Path) -> None:
    """Raise `OutputError` if no folder can be made or written at `path`; commands check this before long work."""
    existing = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not existing.is_dir():
        raise OutputError(f"cannot write {path}: {existing} is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: no permission to write in {existing}")


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents. Raises `OutputError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error

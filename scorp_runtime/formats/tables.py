"""CSV tables in pieces."""

import csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from scorp_runtime.errors import short_repr
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import open_text


def inside(folder: Path, file_name: str) -> Path:
    """Return the place of a file that a table names, which may come from anyone.

    Raises:
        ValueError: if it is outside the folder, or is there and is no regular file, such as a pipe without an end.
    """
    place = folder / file_name
    if not place.resolve().is_relative_to(folder.resolve()) or (place.exists() and not place.is_file()):
        raise ValueError(f"{short_repr(file_name)} is no file of the folder")
    return place


def file_names(table: Path) -> list[str]:
    """Return the first column of a table; nothing of one that cannot be read."""
    try:
        with open_text(table) as stream:
            return [row[0] for row in islice(csv.reader(stream), 1, None) if row]
    except (OSError, ValueError, csv.Error):
        return []


def join_tables(pieces: Sequence[Path], name: str, folder: Path) -> None:
    """Write one table `name` into a folder: the head of those in the pieces, and the rows of all."""
    with atomic_file(folder / name) as joined:
        for number, piece in enumerate(pieces):
            with (piece / name).open("rb") as table:
                head = table.readline()
                if number == 0:
                    joined.write(head)
                joined.writelines(table)

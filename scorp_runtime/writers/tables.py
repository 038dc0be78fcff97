"""CSV tables in pieces."""

from collections.abc import Sequence
from pathlib import Path

from ..atomic import whole_file
from ..errors import shown


def inside(folder: Path, file_name: str) -> Path:
    """Return the place of a file that a table names, which may come from anyone.

    Raises:
        ValueError: if it is outside the folder, or is there and is no regular file, such as a pipe without an end.
    """
    place = folder / file_name
    if not place.resolve().is_relative_to(folder.resolve()) or (place.exists() and not place.is_file()):
        raise ValueError(f"{shown(file_name)} is no file of the folder")
    return place


def join_tables(pieces: Sequence[Path], name: str, folder: Path) -> None:
    """Write one table `name` into a folder: the head of those in the pieces, and the rows of all."""
    with whole_file(folder / name) as joined:
        for number, piece in enumerate(pieces):
            with (piece / name).open("rb") as table:
                head = table.readline()
                if number == 0:
                    joined.write(head)
                joined.writelines(table)

"""CSV tables in pieces."""

from collections.abc import Sequence
from pathlib import Path

from ..atomic import whole_file


def join_tables(pieces: Sequence[Path], name: str, folder: Path) -> None:
    """Write one table `name` into a folder: the head of those in the pieces, and the rows of all."""
    with whole_file(folder / name) as joined:
        for number, piece in enumerate(pieces):
            with (piece / name).open("rb") as table:
                head = table.readline()
                if number == 0:
                    joined.write(head)
                joined.writelines(table)

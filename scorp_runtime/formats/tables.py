"""CSV tables of the files in a folder."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from scorp_runtime.errors import short_repr
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.bounded import open_text


def file_inside(folder: Path, file_name: str) -> Path:
    """Return the path of a file that an untrusted table names; raise `ValueError` if it is not a file in the folder."""
    path = folder / file_name
    if not path.resolve().is_relative_to(folder.resolve()) or (path.exists() and not path.is_file()):
        raise ValueError(f"{short_repr(file_name)} is not a file in the folder")
    return path


def read_table(path: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield the rows of a table; raise `ValueError` if it has other columns."""
    with open_text(path) as stream:
        table = csv.reader(stream)
        if next(table, []) != [*columns]:
            raise ValueError(f"{path.name} has other columns than {','.join(columns)}")
        yield from table


def file_names(table: Path) -> list[str]:
    """Return the first column of a table; empty if it cannot be read."""
    names = []
    with suppress(OSError, ValueError, csv.Error), open_text(table) as stream:
        names += [row[0] for row in islice(csv.reader(stream), 1, None) if row]
    return names


def join_tables(pieces: Sequence[Path], name: str, folder: Path) -> None:
    """Write the table `name` into a folder: the header of the first piece, and the rows of all pieces."""
    with atomic_file(folder / name) as joined:
        for number, piece in enumerate(pieces):
            with (piece / name).open("rb") as table:
                header = table.readline()
                if number == 0:
                    joined.write(header)
                joined.writelines(table)

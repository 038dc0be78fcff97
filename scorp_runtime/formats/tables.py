"""CSV tables of the files in a folder."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from scorp_runtime.files.atomic import atomic_file


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 text file, and keep its line ends."""
    return path.open(encoding="utf-8", newline="")


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

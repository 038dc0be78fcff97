"""The published files of UNIPEN train_r01_v07, in the format UNIPEN 1.0 (Guyon 1994).

A file in `data/<category>/<contributor>/` lists characters: its `.SEGMENT` statements give the numbers of their
components. Components are the `.PEN_DOWN` and `.PEN_UP` statements, counted together from 0, of the files that it
includes from the folder `include`. The y axis points up.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

from .errors import DataError
from .pen_characters import PenCharacters, pack_characters

FOLDER = "train_r01_v07"
CATEGORIES = ("1a", "1b", "1c", "1d")  # isolated digits, capitals, small letters, symbols
# Kept apart, to judge models by: aga, ced, ibm and val. Left out: tos, whose labels are beside the wrong strokes.
CONTRIBUTORS = (
    *("apa", "apb", "app", "art", "gmd", "imp", "kai", "lav", "lou", "mot", "pri", "sie", "syn", "uqb"),
)
_STRAY = ("kai", "1d")  # its symbols mark stray strokes
_DEEPEST = 8  # files that include each other

_STATEMENT = re.compile(r"^\.([A-Z_]+)", re.MULTILINE)
_SEGMENT = re.compile(r'\s*CHARACTER\s+(\S+)\s+\S+\s+"((?:\\.|[^"\\])*)"', re.DOTALL)
_COMPONENTS = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")
_LABEL = re.compile(r"\\?([!-~])")


class _Component(NamedTuple):
    """A movement of the pen: its points (P, 2) if it was down, and who wrote."""

    points: NDArray[np.float64] | None
    writer: str


class _Character(NamedTuple):
    label: str
    writer: str
    strokes: list[NDArray[np.float64]]


def find_distribution(directory: Path) -> Path | None:
    """Return the folder of `data` and `include`: the directory or `train_r01_v07` in it. None if it has none."""
    for folder in (directory, directory / FOLDER):
        if (folder / "include").is_dir() and any((folder / "data" / name).is_dir() for name in CATEGORIES):
            return folder
    return None


def read_distribution(folder: Path) -> PenCharacters:
    """Read the isolated characters. Raises `DataError` that names the file that is missing or damaged."""
    characters: list[_Character] = []
    for category in CATEGORIES:
        for contributor in CONTRIBUTORS:
            if (contributor, category) == _STRAY:
                continue
            for path in sorted((folder / "data" / category / contributor).rglob("*.dat")):
                characters += _read_characters(path, folder / "include", contributor)
    if not characters:
        raise DataError(f"{folder}: no characters in data/{CATEGORIES[0]} to data/{CATEGORIES[-1]}")
    return pack_characters(
        [character.strokes for character in characters],
        [character.label for character in characters],
        [character.writer for character in characters],
    )


def _read_characters(path: Path, include: Path, contributor: str) -> Iterator[_Character]:
    """Yield the characters of a file that consist of whole components and have a label of one printable character."""
    components: list[_Component] = []
    segments: list[str] = []
    axes, writer = ["X", "Y"], path.stem
    for keyword, arguments in _statements(path, include):
        if keyword == "COORD":
            axes = arguments.split()
        elif keyword == "WRITER_ID":
            writer = arguments.strip() or path.stem
        elif keyword == "PEN_DOWN":
            components.append(_Component(_points(arguments, axes, path), writer))
        elif keyword == "PEN_UP":
            components.append(_Component(None, writer))
        elif keyword == "SEGMENT":
            segments.append(arguments)
    for segment in segments:
        match = _SEGMENT.match(segment)
        label = _LABEL.fullmatch(match[2]) if match else None
        if match and label and _COMPONENTS.fullmatch(match[1]):
            chosen = [_component(components, number, path) for number in _numbers(match[1])]
            strokes = [component.points for component in chosen if component.points is not None]
            if strokes:
                yield _Character(label[1], f"{contributor}/{chosen[0].writer}", strokes)


def _statements(path: Path, include: Path, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield keyword and arguments of each statement; those of included files are in their place."""
    if depth > _DEEPEST:
        raise DataError(f"{path}: files include each other more than {_DEEPEST} deep")
    with decoding(DataError, path):
        _, *parts = _STATEMENT.split(path.read_text("latin-1"))
    for keyword, arguments in zip(parts[::2], parts[1::2], strict=True):
        if keyword == "INCLUDE":
            yield from _statements(include / arguments.strip(), include, depth + 1)
        else:
            yield keyword, arguments


def _points(arguments: str, axes: list[str], path: Path) -> NDArray[np.float64] | None:
    """Return points (P, 2), x to the right and y down; None if there are none."""
    try:
        rows = np.array(arguments.split(), float).reshape(-1, len(axes))
        points = rows[:, [axes.index("X"), axes.index("Y")]] * [1, -1]
    except ValueError as error:
        raise DataError(f"{path}: .PEN_DOWN has no points of {' '.join(axes)}") from error
    return points if len(points) else None


def _numbers(delineation: str) -> Iterator[int]:
    """Yield the numbers in a list such as `3,5-7`."""
    for part in delineation.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _component(components: list[_Component], number: int, path: Path) -> _Component:
    if number >= len(components):
        raise DataError(f"{path}: no component {number}; there are {len(components)}")
    return components[number]

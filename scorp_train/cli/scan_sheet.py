"""The command `scorp-sheet`: make a sheet to write on, and cut its scans into images in class folders.

A sheet has a row of boxes for each class inside one black frame. In a scan, the frame is the largest connected shape,
and its corners show how the sheet is rotated or tilted.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from skimage.filters import threshold_otsu

from scorp_runtime.cli.options import add_flag, add_value, whole_number
from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_runtime.files.atomic import atomic_file, atomic_folder
from scorp_runtime.formats.folder_names import folder_name
from scorp_train.data import DataError
from scorp_train.data.class_names import checked
from scorp_train.data.image_file import read_scan
from scorp_train.data.mnist_form import to_mnist_form
from scorp_train.errors import UsageError
from scorp_train.files import make_folder

PROGRAM = "scorp-sheet"
COLUMNS = 12
CELL, LINE, BORDER = 90, 4, 130  # pixels of a blank sheet
_MARGIN = 0.12  # of a box, cut away with its lines
_LEAST_LINES = 0.95  # share of the lines of the boxes that must be visible
_MOST_DARK = 0.5  # share of the frame and what it encloses that may be dark
_FINEST = 40  # boxes side by side that can be told apart
_MOST_PIXELS = 100_000_000  # of a scan: A4 at 1,000 dots per inch
_MOST_CLASSES = _MOST_COLUMNS = 100
_LEAST_INK = 0.01  # share of a box; less is dust


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-sheet` and return the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command(PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    description = "Make sheets to write on, and cut their scans into a dataset."
    parser = OneLineParser(prog=PROGRAM, description=description, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    blank = commands.add_parser("blank", help="make a sheet to print and write on", allow_abbrev=False)
    blank.add_argument("output", type=Path, help="PNG file to print")
    cut = commands.add_parser("cut", help="cut scans into images", allow_abbrev=False)
    cut.add_argument("scans", type=Path, nargs="+", metavar="SCAN", help="images of written sheets")
    cut.add_argument("output", type=Path, metavar="FOLDER", help="folder for the class folders")
    boxes, rows = f"boxes per row (default: {COLUMNS})", "classes of the rows, such as 0-9 or A-M or yes,no"
    for command in (blank, cut):
        add_value(command, "--classes", "CLASSES", rows, required=True)
        add_value(command, "--columns", "COLUMNS", boxes, whole_number(1, _MOST_COLUMNS), default=COLUMNS)
    for command in (parser, blank, cut):
        add_flag(command, "--debug", "show tracebacks")
    options = parser.parse_args(arguments)
    classes = _classes(options.classes)
    if options.command == "blank":
        with atomic_file(options.output) as file:
            blank_sheet(classes, options.columns).save(file, "PNG", dpi=(150, 150))
    else:
        _cut(options, classes)


def _classes(text: str) -> tuple[str, ...]:
    """Return the names between commas; `A-M` is every character from A to M."""
    names: list[str] = []
    for word in [text] if len(text) == 1 else text.split(","):
        if len(word) == 3 and word[1] == "-" and word[0] <= word[2]:
            names += map(chr, range(ord(word[0]), ord(word[2]) + 1))
        else:
            names.append(word)
    if len(names) > _MOST_CLASSES:
        raise UsageError(f"--classes names {len(names)} rows; a sheet has at most {_MOST_CLASSES}")
    try:
        return checked(names, "--classes")
    except DataError as error:
        raise UsageError(str(error)) from error


def _cut(options: argparse.Namespace, classes: tuple[str, ...]) -> None:
    """Cut all scans, then write all files, then make the class folders appear together."""
    cells = {
        scan: cut_sheet(read_scan(scan, _MOST_PIXELS), len(classes), options.columns, str(scan))
        for scan in options.scans
    }
    for scan, sheet in cells.items():
        if all(cell is None for row in sheet for cell in row):
            raise DataError(f"{scan}: its boxes are empty")
    make_folder(options.output)
    with ExitStack() as open_folders:
        for row, name in enumerate(classes):
            place = options.output / folder_name(name, classes)
            folder = open_folders.enter_context(atomic_folder(place, replace=False))
            written = [
                (f"{number}-{scan.stem}-{column:02d}.png", cell)
                for number, (scan, sheet) in enumerate(cells.items())
                for column, cell in enumerate(sheet[row])
                if cell is not None
            ]
            for file_name, cell in written:
                Image.fromarray(cell).save(folder / file_name)
            print(f"{place}: {len(written)} images", file=sys.stderr)


def blank_sheet(classes: Sequence[str], columns: int) -> Image.Image:
    """Return a sheet with a row of `columns` boxes for each class, after its name."""
    width, height = columns * CELL, len(classes) * CELL
    sheet = Image.new("L", (width + 2 * BORDER, height + 2 * BORDER), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(CELL // 2)
    for row, name in enumerate(classes):
        pen.text((BORDER // 2, BORDER + (row + 0.5) * CELL), name, 128, font, "mm")
    for y in range(BORDER, BORDER + height + 1, CELL):
        pen.line((BORDER, y, BORDER + width, y), 0, LINE)
    for x in range(BORDER, BORDER + width + 1, CELL):
        pen.line((x, BORDER, x, BORDER + height), 0, LINE)
    return sheet


def cut_sheet(
    grey: NDArray[np.uint8], rows: int, columns: int, where: str
) -> list[list[NDArray[np.uint8] | None]]:
    """Return the boxes of a scan uint8 (H, W), without their lines, by row and column; None for an empty box.

    Raises `DataError` if there is no frame, or if it has other boxes.
    """
    upper_left, lower_left, lower_right, upper_right = _corners(grey, rows, columns, where)
    # Boxes keep their size in the scan; Pillow takes the corners in this order.
    cell = max(32, round(float(np.linalg.norm(upper_right - upper_left)) / columns))
    quad = tuple(np.concatenate([upper_left, lower_left, lower_right, upper_right]).tolist())
    flat = Image.fromarray(grey).transform(
        (columns * cell, rows * cell), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC
    )
    boxes = np.asarray(flat).reshape(rows, cell, columns, cell).swapaxes(1, 2)
    margin = round(_MARGIN * cell)
    return [[_written(box[margin:-margin, margin:-margin]) for box in row] for row in boxes]


def _corners(grey: NDArray[np.uint8], rows: int, columns: int, where: str) -> NDArray[np.float64]:
    """Return (x, y) of the frame's upper left, lower left, lower right and upper right corner: float64 (4, 2)."""
    shapes, _ = ndimage.label(grey <= threshold_otsu(grey), np.ones((3, 3)))
    areas = [np.prod([side.stop - side.start for side in box]) for box in ndimage.find_objects(shapes)]
    frame = shapes == 1 + int(np.argmax(areas)) if areas else np.zeros(grey.shape, np.bool_)
    y, x = np.nonzero(frame)
    if len(x):
        ends = [(x + y).argmin(), (x - y).argmin(), (x + y).argmax(), (x - y).argmax()]
        corners: NDArray[np.float64] = np.stack([x[ends], y[ends]], 1).astype(np.float64)
        is_dark = frame[y.min() : y.max() + 1, x.min() : x.max() + 1].mean() > _MOST_DARK
        if not is_dark and _share_of_lines(frame, corners, rows, columns) >= _LEAST_LINES:
            for r, c in _finer(rows, columns):
                if _share_of_lines(frame, corners, r, c) >= _LEAST_LINES:
                    raise DataError(f"{where}: there are {r} rows of {c} boxes, not {rows} of {columns}")
            return corners + 0.5
    raise DataError(
        f"{where}: found no frame of {rows} rows of {columns} boxes; it must be complete and dark on light paper"
    )


def _finer(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield the rows and columns of sheets whose lines include all lines of this one."""
    yield from ((rows * times, columns) for times in range(_FINEST // rows, 1, -1))
    yield from ((rows, columns * times) for times in range(_FINEST // columns, 1, -1))


def _share_of_lines(frame: NDArray[np.bool_], corners: NDArray[np.float64], rows: int, columns: int) -> float:
    """Return how much of the lines of boxes between these corners is ink, within a hundredth of the scan."""
    near = ndimage.uniform_filter(frame.astype(np.float32), max(3, max(frame.shape) // 100)) > 0
    along, across, down = np.linspace(0, 1, 400), np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1)
    u = np.concatenate([np.tile(along, rows + 1), np.repeat(across, len(along))])[:, None]
    v = np.concatenate([np.repeat(down, len(along)), np.tile(along, columns + 1)])[:, None]
    upper_left, lower_left, lower_right, upper_right = corners
    left, right = upper_left + v * (lower_left - upper_left), upper_right + v * (lower_right - upper_right)
    x, y = np.rint(left + u * (right - left)).astype(np.int64).T
    return float(near[y, x].mean())


def _written(box: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the box if somebody wrote in it."""
    try:
        to_mnist_form(box)
    except DataError:
        return None
    return None if (box <= threshold_otsu(box)).mean() < _LEAST_INK else np.ascontiguousarray(box)

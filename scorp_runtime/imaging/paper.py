"""Paper and ink in colour: plain, ruled and squared paper, paper from a PNG file, and ink on it.

Integers only. `docs/reference/model-format.md`, section 8, is the specification.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from scorp_runtime.errors import DatasetError, RequestError, short_repr
from scorp_runtime.files.bounded import read_regular
from scorp_runtime.files.decoding import decoding

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

RULED, GRID = "ruled", "grid"

_RULES = {RULED: ((168, 196, 224), 1), GRID: ((188, 208, 226), 2)}
"""Kind of paper -> colour of its rules, and rules per line of text."""

_SHEET = (255, 255, 255)
_CLOSEST = 4  # px between rules
_SMALLEST = 64  # px, of a side of a paper file
_LARGEST = 1 << 26  # pixels of a paper file
_HEX = re.compile("#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """The part of a sheet that an image shows: `line` px between lines of text, the first at row `y`; two words."""

    line: int
    y: int
    words: tuple[int, int]  # random, for the place across, and the place in a paper file


def is_colour(text: str) -> bool:
    """Return whether a text is #rgb, #rrggbb, or the name of a colour in CSS."""
    return _HEX.fullmatch(text) is not None or text.lower() in ImageColor.colormap


def read_colour(text: str) -> Colour:
    """Return a colour for which `is_colour` is true as red, green and blue."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def read_ink(ink: object) -> str:
    """Return the colour of the ink, or raise `RequestError`."""
    if not isinstance(ink, str) or not is_colour(ink):
        raise RequestError(f"unknown colour {short_repr(ink)}; write #rrggbb, #rgb or a name such as navy")
    return ink


def read_paper(paper: object, sha256: str | None) -> tuple[str, str | None]:
    """Return the paper as text, and the checksum if it is a file, which must be `sha256` unless that is None.

    Raises `RequestError` for unknown paper, and `DatasetError` for a file that cannot be used.
    """
    text = str(paper) if isinstance(paper, str | Path) else ""
    if text in _RULES or is_colour(text):
        return text, None
    if not text or text.startswith("#") or not (Path(text).suffix or Path(text).exists()):
        known = f"a colour (#rrggbb, #rgb or a name), {RULED}, {GRID} or a PNG file"
        raise RequestError(f"unknown paper {short_repr(paper)}; use {known}")
    with decoding(DatasetError, text):
        data = read_regular(Path(text))
    found = hashlib.sha256(data).hexdigest()
    if sha256 not in (None, found):
        raise DatasetError(f"{text} has changed; the dataset needs a file of SHA-256 {sha256}")
    _opened(text, found)
    return text, found


@lru_cache(maxsize=2)
def _opened(path: str, sha256: str) -> Pixels:
    """Return the pixels of a paper file, uint8 (H, W, 3)."""
    with decoding(DatasetError, path):
        data = read_regular(Path(path))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DatasetError(f"{path} has changed while it was in use")
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            width, height = image.size
            if min(width, height) < _SMALLEST or width * height > _LARGEST:
                limit = f"at least {_SMALLEST} px on each side and at most {_LARGEST} pixels"
                raise DatasetError(f"{path} has {width} x {height} px; paper needs {limit}")
            if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
                raise ValueError(f"a PNG image of mode {image.mode}, not of 8 bits")
            return np.asarray(image.convert("RGB"))


def written(image: Pixels, ink: str | None, paper: str | None, sha256: str | None, place: Place) -> Pixels:
    """Return an image (H, W) of ink in colour, uint8 (H, W, 3); None is black ink and white paper."""
    colour = np.array(read_colour(ink or "#000"), np.uint16)  # 255 * 255 + 127 is below 2^16
    sheet = _sheet(paper or "#fff", sha256, image.shape, place)
    cover = image.astype(np.uint16)[..., None]
    return ((cover * colour + (255 - cover) * sheet + 127) // 255).astype(np.uint8)


def _sheet(paper: str, sha256: str | None, shape: tuple[int, ...], place: Place) -> Pixels:
    """Return paper of a height and width, uint8 (H, W, 3)."""
    across, down = (word >> 32 for word in place.words)
    if sha256:
        source = _opened(paper, sha256)
        rows, columns = (
            _reflected(word, side, length)
            for word, side, length in zip((down, across), shape, source.shape[:2], strict=True)
        )
        return source[rows][:, columns]
    sheet = np.empty((*shape, 3), np.uint8)
    sheet[:] = _SHEET if paper in _RULES else read_colour(paper)
    if paper in _RULES:
        colour, per_line = _RULES[paper]
        distance = max(_CLOSEST, place.line // per_line)
        wide = max(1, place.line // 32)
        sheet[(np.arange(shape[0]) - place.y) % distance < wide] = colour
        if paper == GRID:
            sheet[:, (np.arange(shape[1]) - (across * distance >> 32)) % distance < wide] = colour
    return sheet


def _reflected(word: int, side: int, length: int) -> npt.NDArray[np.intp]:
    """Return `side` consecutive positions in a file of a length, which is reflected if it is too short."""
    first = word * max(1, length - side + 1) >> 32
    positions = np.arange(first, first + side) % (2 * length)
    return np.minimum(positions, 2 * length - 1 - positions)

"""The output formats: one module each, and their registry.

To add a format, add a module with a `FORMAT`, an instance of `format.Format`, and a line to `REGISTRY`. The modules
are imported when used, so that the registry costs nothing.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .format import Format


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about a format before its module is imported."""

    extension: str = ""  # of its files; empty if it fills a folder
    images: bool = True  # whether it holds images of single characters
    pages: bool = False  # whether it holds pages of text
    datasets: bool = True  # whether a dataset in a folder may have it; such formats store labels


REGISTRY = {
    "png": Entry(".png", pages=True, datasets=False),
    "pdf": Entry(".pdf", images=False, pages=True, datasets=False),
    "npz": Entry(".npz"),
    "npy": Entry(".npy", datasets=False),
    "tar": Entry(".tar", pages=True),
    "parquet": Entry(".parquet", pages=True),
    "folder": Entry(),
    "idx": Entry(),
    "pages": Entry(images=False, pages=True),
    "imagefolder": Entry(images=False, pages=True),
    "paddleocr": Entry(images=False, pages=True),
    "dtrb": Entry(images=False, pages=True),
    "tesseract": Entry(images=False, pages=True),
}
"""The formats by name, which is also the name of the module."""

IMAGE_FORMATS = tuple(name for name, entry in REGISTRY.items() if entry.images)
PAGE_FORMATS = tuple(name for name, entry in REGISTRY.items() if entry.pages)
EXTENSIONS = {name: entry.extension for name, entry in REGISTRY.items() if entry.extension}
"""Format -> extension, for the formats of one file."""


def load_format(name: str) -> "Format[Any]":
    """Return a format by name."""
    return cast("Format[Any]", import_module(f".{name}", __name__).FORMAT)

"""Data beside a developer's checkout, outside of the project."""

from collections.abc import Iterator
from pathlib import Path


def beside_checkout(name: str) -> Iterator[Path]:
    """`shared/data/<name>` beside the checkout, seen from the working directory or from this file."""
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            yield folder / "shared" / "data" / name

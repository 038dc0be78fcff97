"""What the options of several models have in common; reading them loads no torch."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

PRECISIONS = ("auto", "float32", "bfloat16")


def check_numbers(options: Any, may_be_zero: Collection[str] = ()) -> None:
    """Raises `ValueError` for a negative number, or an integer of 0 that is not in `may_be_zero`."""
    for field in fields(options):
        value = getattr(options, field.name)
        if isinstance(value, str):
            continue
        if value < 0 or (isinstance(value, int) and value < 1 and field.name not in may_be_zero):
            raise ValueError(f"--{field.name.replace('_', '-')} cannot be {value}")


def check_precision(name: str) -> None:
    """Raises `ValueError` unless it is one of `PRECISIONS`."""
    if name not in PRECISIONS:
        raise ValueError(f"--precision {name!r} is none of {', '.join(PRECISIONS)}")

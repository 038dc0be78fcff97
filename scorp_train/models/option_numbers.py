"""The numbers among a model's options."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any


def check_numbers(options: Any, may_be_zero: Collection[str] = ()) -> None:
    """Raises `ValueError` for a negative number, or an integer of 0 that is not in `may_be_zero`."""
    for field in fields(options):
        value = getattr(options, field.name)
        if isinstance(value, str):
            continue
        if value < 0 or (isinstance(value, int) and value < 1 and field.name not in may_be_zero):
            raise ValueError(f"--{field.name.replace('_', '-')} cannot be {value}")

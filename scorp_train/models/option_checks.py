"""What the options of several models have in common; reading them loads no torch."""

import math
from collections.abc import Collection
from dataclasses import fields
from typing import Any

# No count of anything comes near; beyond, it overflows.
_MOST = 1_000_000
PRECISIONS = ("auto", "float32", "bfloat16")


def check_numbers(options: Any, may_be_zero: Collection[str] = ()) -> None:
    """Raises `ValueError` for a number that is negative, not finite, or an integer too large, or 0 where it may not be.

    `may_be_zero` are the names of integers; other numbers always may.
    """
    for field in fields(options):
        value = getattr(options, field.name)
        if isinstance(value, str):
            continue
        low = 1 if isinstance(value, int) and field.name not in may_be_zero else 0
        if not low <= value < math.inf or (isinstance(value, int) and value > _MOST):
            raise ValueError(f"--{field.name.replace('_', '-')} cannot be {value}")


def check_precision(name: str) -> None:
    """Raises `ValueError` unless it is one of `PRECISIONS`."""
    if name not in PRECISIONS:
        raise ValueError(f"--precision {name!r} is none of {', '.join(PRECISIONS)}")

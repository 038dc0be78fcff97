"""The allowed values of options, declared beside each option. Importing this module does not load torch."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from scorp_train.errors import UsageError

# Far above any useful count; larger numbers overflow.
_MOST = 1_000_000
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`; `high` itself is not allowed if `below`."""

    low: float
    high: float
    below: bool = False

    def __contains__(self, value: float) -> bool:
        return (
            self.low <= value <= self.high
            and math.isfinite(value)
            and not (self.below and value == self.high)
        )

    def __str__(self) -> str:
        if self.high == math.inf:
            return f"{self.low} or more"
        return (
            f"at least {self.low} and below {self.high}" if self.below else f"from {self.low} to {self.high}"
        )


def integer(default: int, low: int = 1, high: int = _MOST) -> Any:
    """A dataclass field for an integer from `low` to `high`."""
    return field(default=default, metadata={"range": Range(low, high)})


def number(default: float, low: float = 0, high: float = math.inf, below: bool = False) -> Any:
    """A dataclass field for a finite number from `low` to `high`; `high` itself is not allowed if `below`."""
    return field(default=default, metadata={"range": Range(low, high, below)})


def fraction(default: float, below: bool = False) -> Any:
    """A dataclass field for a number from 0 to 1; 1 itself is not allowed if `below`."""
    return number(default, 0, 1, below)


def check_numbers(options: Any) -> None:
    """Check the numbers of a dataclass against their declared ranges; without one, a number must be finite.

    Raises:
        UsageError: for the first number that is not allowed.
    """
    for each in fields(options):
        value = getattr(options, each.name)
        if isinstance(each.default, bool) or not isinstance(each.default, int | float):
            continue
        if not isinstance(value, int | float):
            raise UsageError(f"{flag(each.name)} must be a number, not {value!r}")
        allowed = each.metadata.get("range", Range(-math.inf, math.inf))
        if value not in allowed:
            expected = "finite" if allowed.low == -math.inf else str(allowed)
            raise UsageError(f"{flag(each.name)} must be {expected}, not {value}")


def flag(name: str) -> str:
    """Return the command-line spelling of an option."""
    return f"--{name.replace('_', '-')}"


def check_precision(name: str) -> None:
    """Raises `UsageError` unless it is one of `PRECISIONS`."""
    if name not in PRECISIONS:
        raise UsageError(f"--precision {name!r} is none of {', '.join(PRECISIONS)}")

"""Declares options of dataclasses: allowed values and help. Importing this module does not load torch."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from scorp_train.errors import UsageError

_LARGEST = 1_000_000  # far above any useful count; larger numbers overflow
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Range:
    """Finite numbers from `low` to `high`; `below` excludes `high` itself."""

    low: float
    high: float
    below: bool = False

    def __contains__(self, value: float) -> bool:
        inside = self.low <= value < self.high if self.below else self.low <= value <= self.high
        return inside and math.isfinite(value)

    def __str__(self) -> str:
        if self.high == math.inf:
            return "finite" if self.low == -math.inf else f"{self.low} or more"
        return (
            f"at least {self.low} and below {self.high}" if self.below else f"from {self.low} to {self.high}"
        )


def option(default: Any, text: str) -> Any:
    """A dataclass field with a help text."""
    return field(default=default, metadata={"help": text})


def integer(default: int, low: int = 1, high: int = _LARGEST, text: str = "") -> Any:
    """A dataclass field for an integer from `low` to `high`, with a help text."""
    return field(default=default, metadata={"range": Range(low, high), "help": text})


def number(
    default: float, low: float = 0, high: float = math.inf, below: bool = False, text: str = ""
) -> Any:
    """A dataclass field for a finite number from `low` to `high`; `below` excludes `high` itself."""
    return field(default=default, metadata={"range": Range(low, high, below), "help": text})


def fraction(default: float, below: bool = False, text: str = "") -> Any:
    """A dataclass field for a number from 0 to 1; `below` excludes 1 itself."""
    return number(default, 0, 1, below, text)


def choice(default: str, choices: tuple[str, ...], text: str) -> Any:
    """A dataclass field for one of several strings."""
    return field(default=default, metadata={"choices": choices, "help": text})


def precision() -> Any:
    """A dataclass field for the precision of a training."""
    return choice("auto", PRECISIONS, "arithmetic of the training: auto, float32 or bfloat16")


def check_options(options: Any) -> None:
    """Check the values of a dataclass against their declarations. Raises `UsageError` for the first that is wrong."""
    check_numbers(options)
    for each in fields(options):
        value, choices = getattr(options, each.name), each.metadata.get("choices")
        if choices and value not in choices:
            raise UsageError(f"{flag(each.name)} must be one of {', '.join(choices)}, not {value!r}")


def check_numbers(options: Any) -> None:
    """Check the numbers of a dataclass; one without a declared range must be finite. Raises `UsageError`."""
    for each in fields(options):
        value = getattr(options, each.name)
        if isinstance(each.default, bool) or not isinstance(each.default, int | float):
            continue
        if not isinstance(value, int | float):
            raise UsageError(f"{flag(each.name)} must be a number, not {value!r}")
        allowed = each.metadata.get("range", Range(-math.inf, math.inf))
        if value not in allowed:
            raise UsageError(f"{flag(each.name)} must be {allowed}, not {value}")


def flag(name: str) -> str:
    """Return the command-line spelling of an option."""
    return f"--{name.replace('_', '-')}"

"""Whatever is handed to the Python API, what it raises is a `ScorpError`."""

from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, ScorpError

SCALARS: list[Any] = [
    "x",
    "",
    "٣",
    "7\0",
    -1,
    10**30,
    2.5,
    float("nan"),
    float("inf"),
    True,
    b"7",
    1j,
    object(),
]
HOLDERS: list[Any] = [{}, set(), [None], [[7]], np.zeros((2, 2)), np.array(10**30), np.array(["x"])]
ARGUMENTS = {
    "generate": ("labels", "count", "seed", "start", "writer", "out", "thickness"),
    "dataset": ("classes", "length", "seed", "start", "writer", "presentation"),
    "sequence": ("text", "seed", "index", "writer", "layout"),
}
GOOD: dict[str, dict[str, Any]] = {
    "generate": {"labels": "7", "count": 2},
    "dataset": {"classes": "7", "length": 2},
    "sequence": {"text": "7"},
}


def row(method: str, argument: str) -> Any:
    wrong = f"`{argument}` of wrong types, 10**30, NaN, infinity, other digits, arrays"
    return pytest.param(
        method,
        argument,
        marks=pytest.mark.fault(f"`Generator.{method}`", wrong, "done, or `ScorpError`"),
    )


@pytest.mark.parametrize(
    ("method", "argument"), [row(method, name) for method in ARGUMENTS for name in ARGUMENTS[method]]
)
def test_a_method_takes_it_or_says_why_not(generator: Generator, method: str, argument: str) -> None:
    refused = 0
    for value in [*SCALARS, *HOLDERS]:
        try:
            getattr(generator, method)(**(GOOD[method] | {argument: value}))
        except ScorpError:
            refused += 1
    assert refused > len(HOLDERS)


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param(name, marks=pytest.mark.fault("`Generator`", f"`{name}` of wrong types", "`ScorpError`"))
        for name in ("model", "threads", "backend")
    ],
)
def test_no_generator_is_made_of_it(argument: str) -> None:
    for value in [*SCALARS, *HOLDERS]:
        with pytest.raises(ScorpError):
            Generator(**{argument: value})

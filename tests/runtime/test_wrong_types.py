"""The Python API raises a `ScorpError` for arguments of any wrong type."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scorp_runtime import CountError, Counts, Generator, Layout, Presentation, ScorpError, Uniform, Weights

SCALARS: list[Any] = [
    "x",
    "",
    "٣",
    "7\0",
    -1,
    10**30,
    10**5000,  # Python refuses to print it
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


@pytest.mark.parametrize(
    ("method", "argument"), [(method, name) for method in ARGUMENTS for name in ARGUMENTS[method]]
)
def test_an_argument_is_accepted_or_refused(generator: Generator, method: str, argument: str) -> None:
    refused = 0
    for value in [*SCALARS, *HOLDERS]:
        try:
            getattr(generator, method)(**(GOOD[method] | {argument: value}))
        except ScorpError:
            refused += 1
    assert refused > len(HOLDERS)


@pytest.mark.parametrize("argument", ["model", "threads", "backend"])
def test_wrong_types_make_no_generator(argument: str) -> None:
    for value in [*SCALARS, *HOLDERS]:
        with pytest.raises(ScorpError):
            Generator(**{argument: value})


CALLS: dict[str, Callable[[Generator, Any], object]] = {
    "Weights": lambda generator, value: generator.generate(Weights({"0": value}), 2),
    "Weights as a whole": lambda generator, value: generator.generate(Weights(value), 2),
    "Counts": lambda generator, value: generator.dataset(Counts({"0": value})),
    "Counts as a whole": lambda generator, value: generator.dataset(Counts(value)),
    "low end": lambda generator, value: generator.generate("7", 2, thickness=Uniform(value, 6)),
    "high end": lambda generator, value: generator.generate("7", 2, thickness=Uniform(1, value)),
    "batch_size": lambda generator, value: next(generator.iter_batches("7", 2, batch_size=value)),
    "batches": lambda generator, value: generator.dataset("7", 9).batches(value),
    "shard": lambda generator, value: generator.dataset("7", 9).batches(2, shard=value),
    "rank": lambda generator, value: generator.dataset("7", 9).batches(2, shard=(value, 3)),
    "world": lambda generator, value: generator.dataset("7", 9).batches(2, shard=(0, value)),
    "first": lambda generator, value: generator.dataset("7", 9).batches(2, start=value),
    "hf": lambda generator, value: generator.dataset("7", 9).hf(value),
    "apply": lambda _, value: Presentation().apply(value),
    **{
        f"Layout.{name}": lambda _, value, name=name: Layout(**{name: value})  # type: ignore[misc]
        for name in Layout.__dataclass_fields__
    },
    **{
        f"Presentation.{name}": lambda _, value, name=name: Presentation(**{name: value})  # type: ignore[misc]
        for name in Presentation.__dataclass_fields__
    },
}


@pytest.mark.parametrize("call", CALLS)
def test_a_value_is_accepted_or_refused(generator: Generator, call: str) -> None:
    refused = 0
    for value in [*SCALARS, *HOLDERS, 10**400, [1, 2, 3], (1,), slice(2), np.float32("inf"), np.uint8(255)]:
        try:
            CALLS[call](generator, value)
        except ScorpError:
            refused += 1
    assert refused > len(HOLDERS)


def test_a_huge_position_is_outside_the_dataset(generator: Generator) -> None:
    dataset = generator.dataset("7", 9)
    for position in (10**5000, -(10**5000), 10**400):
        with pytest.raises(IndexError):
            dataset[position]
        with pytest.raises(IndexError):
            dataset.meta(position)


@pytest.mark.parametrize("part", [slice(None), slice(None, None, 2), slice(None, None, -1)])
def test_a_slice_that_does_not_fit_into_memory_is_refused(generator: Generator, part: slice) -> None:
    with pytest.raises(CountError, match="batches"):
        generator.dataset("7", sys.maxsize)[part]

"""The Python API raises a `ScorpError` for any invalid value."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Counts, Effects, Generator, Layout, ScorpError, Uniform, Weights

SCALARS: list[Any] = [
    *("x", "", "٣", "7\0", -1, 10**30, 2.5, float("nan"), float("inf"), True, b"7", 1j, object()),
    10**5000,  # Python refuses to print it
]
CONTAINERS: list[Any] = [{}, set(), [None], [[7]], np.zeros((2, 2)), np.array(10**30), np.array(["x"])]
OTHERS = [10**400, [1, 2, 3], (1,), slice(2), np.float32("inf"), np.uint8(255)]
GOOD: dict[str, dict[str, Any]] = {
    "generate": {"labels": "7", "count": 2},
    "dataset": {"classes": "7", "length": 2},
    "sequence": {"text": "7"},
}
ARGUMENTS = [
    *(
        "generate " + name
        for name in ("labels", "count", "seed", "start", "writer", "effects", "out", "slant")
    ),
    *("dataset " + name for name in ("classes", "length", "seed", "start", "writer", "effects")),
    *("sequence " + name for name in ("text", "seed", "index", "writer", "layout")),
]


def with_argument(generator: Generator, value: Any, place: str) -> None:
    method, name = place.split()
    getattr(generator, method)(**(GOOD[method] | {name: value}))


CALLS: dict[str, Callable[[Generator, Any], object]] = {
    **{place: partial(with_argument, place=place) for place in ARGUMENTS},
    "model": lambda _, value: Generator(value),
    "threads": lambda _, value: Generator(threads=value),
    "backend": lambda _, value: Generator(backend=value),
    "Weights": lambda generator, value: generator.generate(Weights({"0": value}), 2),
    "Weights as a whole": lambda generator, value: generator.generate(Weights(value), 2),
    "Counts": lambda generator, value: generator.dataset(Counts({"0": value})),
    "Counts as a whole": lambda generator, value: generator.dataset(Counts(value)),
    "low end": lambda generator, value: generator.generate("7", 2, thickness=Uniform(value, 6)),
    "high end": lambda generator, value: generator.generate("7", 2, thickness=(1, value)),
    "batch_size": lambda generator, value: next(generator.iter_batches("7", 2, batch_size=value)),
    "batches": lambda generator, value: generator.dataset("7", 9).batches(value),
    "shard": lambda generator, value: generator.dataset("7", 9).batches(2, shard=value),
    "rank": lambda generator, value: generator.dataset("7", 9).batches(2, shard=(value, 3)),
    "world": lambda generator, value: generator.dataset("7", 9).batches(2, shard=(0, value)),
    "first": lambda generator, value: generator.dataset("7", 9).batches(2, start=value),
    "hf": lambda generator, value: generator.dataset("7", 9).hf(value),
    "apply": lambda _, value: Effects().apply(value),
    **{
        f"{kind.__name__}.{name}": lambda _, value, kind=kind, name=name: kind(**{name: value})  # type: ignore[misc]
        for kind in (Layout, Effects)
        for name in kind.__dataclass_fields__
    },
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_accepts_or_refuses_a_value(generator: Generator, call: str) -> None:
    refused = 0
    for value in [*SCALARS, *CONTAINERS, *OTHERS]:
        try:
            CALLS[call](generator, value)
        except ScorpError:
            refused += 1
    assert refused > len(CONTAINERS)


def test_a_position_of_any_length_is_outside_the_dataset(generator: Generator) -> None:
    dataset = generator.dataset("7", 9)
    for position in (10**5000, -(10**5000), 10**400):
        with pytest.raises(IndexError):
            dataset[position]
        with pytest.raises(IndexError):
            dataset.meta(position)

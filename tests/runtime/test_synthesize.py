"""`Generator.synthesize` runs the network on inputs of the caller's own."""

from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator, LabelError, RequestError
from scorp_runtime.sampling.philox import Purpose, normals


def test_the_inputs_of_a_batch_make_its_pictures(generator: Generator) -> None:
    batch = generator.generate("0-9", 75, seed=3, start=9)
    noise = normals(3, Purpose.NOISE, 9, 75, 9)
    assert np.array_equal(generator.synthesize(noise, batch.labels, batch.styles), batch.images)


def test_lists_will_do_and_none_makes_none(generator: Generator) -> None:
    assert generator.synthesize([[0.0] * 9], [7], [[3, 0, 8]]).shape == (1, 12, 10)
    assert generator.synthesize(np.zeros((0, 9)), np.zeros(0, np.int64), np.zeros((0, 3))).shape == (
        0,
        12,
        10,
    )


@pytest.mark.parametrize(
    ("noise", "labels", "styles", "error", "reason"),
    [
        ([[0.0] * 8], [7], [[3, 0, 8]], RequestError, r"noise must be numbers of shape \(1, 9\)"),
        ([[0.0] * 9], [7], [[3, 0]], RequestError, r"styles must be numbers of shape \(1, 3\)"),
        ([["a"] * 9], [7], [[3, 0, 8]], RequestError, "noise must be numbers"),
        ([[float("inf")] * 9], [7], [[3, 0, 8]], RequestError, "noise must be finite"),
        ([[0.0] * 9], [10], [[3, 0, 8]], LabelError, "0 to 9"),
        ([[0.0] * 9], [-1], [[3, 0, 8]], LabelError, "0 to 9"),
        ([[0.0] * 9], [7.0], [[3, 0, 8]], LabelError, "whole numbers"),
        ([[0.0] * 9], 7, [[3, 0, 8]], LabelError, "a row of whole numbers"),
    ],
)
def test_inputs_that_do_not_fit_are_named(
    generator: Generator, noise: Any, labels: Any, styles: Any, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        generator.synthesize(noise, labels, styles)

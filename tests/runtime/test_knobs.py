"""Knobs set styles, and refuse invalid values."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorp_runtime import Generator, Knob, StyleError, Uniform
from scorp_runtime.sampling.knobs import read_styles, requested_styles

KNOBS = (Knob("thickness", "px", 1.0, 6.0, 0.0625), Knob("slant", "degrees", -30.0, 30.0, 0.5))


@pytest.mark.parametrize("value", [3, 3.0, "3", "3.0", np.float32(3), np.array(3.0), [3.0] * 5, "3..3"])
def test_a_single_value_applies_to_all_images(generator: Generator, value: Any) -> None:
    batch = generator.generate("0-9", 5, seed=1, thickness=value)
    assert batch.styles[:, 0].tolist() == [3.0] * 5


def test_one_value_per_image_stays_with_its_image(generator: Generator) -> None:
    slants = np.linspace(-30, 30, 200)
    whole = generator.generate("0-9", 200, seed=1, slant=slants)
    parts = list(generator.iter_batches("0-9", 200, seed=1, slant=slants, batch_size=33))
    assert np.array_equal(np.concatenate([part.styles for part in parts]), whole.styles)
    assert np.abs(whole.styles[:, 1] - slants).max() <= 0.25


@given(st.floats(1, 6))
def test_values_are_rounded_to_the_nearest_step(value: float) -> None:
    (style,) = requested_styles(read_styles({"thickness": value}, KNOBS, 1), 0, 0, 0, 1, KNOBS)[:, 0]
    assert style % 0.0625 == 0
    assert abs(style - value) <= 0.0625 / 2


def test_halves_are_rounded_up() -> None:
    styles = {"thickness": [1.03125, 1.09375], "slant": [-0.25, 0.25]}
    values = requested_styles(read_styles(styles, KNOBS, 2), 0, 0, 0, 2, KNOBS)
    assert values.tolist() == [[1.0625, 0.0], [1.125, 0.5]]


@pytest.mark.parametrize("value", ["-10..20", Uniform(-10, 20)])
def test_a_range_is_drawn_uniformly_and_repeatably(generator: Generator, value: Any) -> None:
    batch = generator.generate("0-9", 4000, seed=1, slant=value)
    slants = batch.styles[:, 1]
    assert slants.min() == -10
    assert slants.max() == 20
    assert abs(slants.mean() - 5) < 0.5
    counts = np.histogram(slants, bins=[-10.25, -2.75, 4.75, 12.25, 20.25])[0]
    assert counts.min() > 850
    assert np.array_equal(
        generator.generate("0-9", 10, seed=1, start=50, slant=value).styles, batch.styles[50:60]
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.99, "thickness 0.99 is outside 1..6 px"),
        (6.01, "thickness 6.01 is outside 1..6 px"),
        (float("nan"), "thickness nan is outside 1..6 px"),
        ("1e999", "thickness inf is outside 1..6 px"),
        ([2.0, 7.0], "thickness 7 is outside 1..6 px"),
        ("2..9", "thickness 9 is outside 1..6 px"),
        (10**400, "thickness inf is outside 1..6 px"),
        (np.complex64(3), "is not a number of px"),
        ("5..2", "the range 5..2 runs backwards"),
        ("thick", "'thick' is neither a number nor a range such as 1..6"),
        ("", "is neither a number"),
        ("3 ", "is neither a number"),
        ("٣", "is neither a number"),
        (True, "True is not a number of px"),
        (3j, "is not a number of px"),
        ([1.0, 2.0, 3.0], "3 values, but the count is 2"),
        ([[1.0, 2.0]], "one number per image"),
        ([[1.0], [2.0, 3.0]], "one number per image"),
        (["2", "3"], "one number per image"),
    ],
)
def test_an_invalid_style_is_refused(generator: Generator, value: Any, message: str) -> None:
    with pytest.raises(StyleError, match=message.replace(".", r"\.")):
        generator.generate(7, 2, seed=1, thickness=value)


def test_an_unknown_knob_is_refused(generator: Generator) -> None:
    with pytest.raises(StyleError, match=r"'weight'.*thickness, slant, width"):
        generator.generate(7, weight=3)

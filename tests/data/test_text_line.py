"""The height of a writer's capitals is found from that of any characters, and characters are placed on a line."""

import numpy as np
import pytest

from scorp_train.data.text_line import ASCENDER, X_HEIGHT, capital_heights, place_on_line

RATIOS = {"A": 1.0, "H": 1.0, "x": 0.6, "g": 1.2, ".": 0.05}


def written(count, capital, random, classes="AHxg."):
    """Return labels and heights of characters of one writer; `capital` is the height of a capital, (count,)."""
    labels = random.choice(list(classes), count)
    spread = random.uniform(0.9, 1.1, count)
    return labels, np.array([RATIOS[name] for name in labels]) * capital * spread


@pytest.fixture(scope="module")
def two_writers():
    random = np.random.default_rng(0)
    capital = np.concatenate([np.full(150, 20.0), np.full(150, 35.0), np.full(200, 900.0)])
    first = written(300, capital[:300], random)  # changes the size of the writing midway
    second = written(200, capital[300:], random, classes="xg")  # writes no capitals
    labels, heights = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    return heights, labels, np.repeat(["a/1", "b/2"], [300, 200]), capital


def test_capitals_are_estimated_from_other_characters_and_near_in_time(two_writers):
    heights, labels, writers, capital = two_writers
    found = capital_heights(heights, labels, writers)
    settled = np.abs(np.arange(500) - 150) > 20
    assert (np.abs(np.log(found / capital))[settled] < 0.1).all()


def test_the_unit_does_not_matter(two_writers):
    heights, labels, writers, _ = two_writers
    found = capital_heights(heights, labels, writers)
    assert capital_heights(40 * heights, labels, writers) == pytest.approx(40 * found, rel=0.02)


def test_few_characters_of_a_writer_suffice():
    labels, writers = np.array(["A", "x", "."]), np.array(["a/1"] * 3)
    found = capital_heights(np.array([10.0, 6.0, 0.0]), labels, writers)
    assert (found > 5).all()
    assert (found < 12).all()


@pytest.mark.parametrize(
    ("name", "height", "lower"),
    [
        ("A", 1.0, 0),
        ("x", 0.6, 0),
        (".", 0.1, 0),
        ("g", 1.1, X_HEIGHT - 1.1),
        ("g", 0.5, 0),  # a small one stands on the line
        ("f", 1.0, 0),
        ("f", 1.5, ASCENDER - 1.5),  # a long one goes below it
        ("-", 0.2, 0.3),
        ("'", 0.3, ASCENDER - 0.3),
        (",", 0.4, -0.25),
        ("_", 0.1, -0.1),
        ("(", 1.3, -0.2),
    ],
)
def test_characters_stand_where_typographers_put_them(name, height, lower):
    found = place_on_line(np.array([name]), np.array([height]))
    assert found.dtype == np.float32
    assert found == pytest.approx(lower)

"""Text of a model with the knobs `extent` and `rise`: each character has its own size and place in the line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Box, Generator, Knob, LabelError, Layout, ModelError, Page
from scorp_runtime.sampling.style_prior import ClassPrior, StylePrior

STEADY = Layout(size=28, spacing=9, spacing_jitter=0, baseline_jitter=0)  # a capital is 20 px high
PRINTABLE = [chr(code) for code in range(33, 127)]
FORMS = {
    "x": (0.5, 0.0),
    "g": (0.75, -0.25),
    '"': (0.25, 0.75),
    "-": (0.5, 0.5),
}  # extent and rise; else 1, 0


def _natural(character: str) -> ClassPrior:
    style = (3.0, 0.0, 8.0, *FORMS.get(character, (1.0, 0.0)))
    return ClassPrior(tuple(map(tuple, np.eye(5).tolist())), tuple((value,) * 13 for value in style))


def _images() -> np.ndarray:
    """A block of 20 x 10 px per class, with greys of its own, and a dot at its right of a twenty-fifth of its ink."""
    images = np.zeros((len(PRINTABLE), 28, 28), np.uint8)
    for label, image in enumerate(images):
        image[4:24, 4:14] = 100 + label
        image[5:23, 5:13] = np.random.RandomState(label).randint(100, 250, (18, 8))
        image[4:8, 18:20] = 100 + label
    return images


@pytest.fixture
def writes(line_proto: Any, saved: Any) -> Callable[..., Page]:
    """Writes a text with the model of these images."""
    generator = Generator(saved(line_proto(_images(), {name: _natural(name) for name in PRINTABLE})))
    return lambda text, layout=STEADY, **styles: generator.sequence(text, seed=1, layout=layout, **styles)


def boxes_of(page: Page) -> list[Box]:
    return [character.box for character in page.characters]


def bottom(box: Box) -> int:
    return box.y + box.height


def crop(page: Page, box: Box) -> np.ndarray:
    return page.image[box.y : box.y + box.height, box.x : box.x + box.width]


@pytest.mark.parametrize("size", [28, 84])
def test_rise_moves_the_lower_edge_from_the_baseline(writes: Any, size: int) -> None:
    layout = Layout(size=size, spacing_jitter=0, baseline_jitter=0)
    capital, small, below, quote = boxes_of(writes('Hxg"', layout))
    assert bottom(small) == bottom(capital)
    quarter = size * 5 // 28  # of a capital
    assert bottom(below) == bottom(capital) + quarter
    assert bottom(quote) == bottom(capital) - 3 * quarter
    assert quote.y < small.y


def test_heights_follow_extent(writes: Any) -> None:
    heights = [box.height for box in boxes_of(writes('Hg-"'))]
    assert heights == pytest.approx([20, 15, 10, 5], abs=2)  # a soft edge is scaled, too
    by_extent = [boxes_of(writes("H", extent=extent))[0].height for extent in (0.5, 1, 2, 4)]
    assert by_extent == pytest.approx([10, 20, 40, 80], abs=4)


def test_knobs_can_be_given_per_character(writes: Any) -> None:
    first, second, third = boxes_of(writes("HHH", extent=[1, 0.5, 1], rise=[0, 0.5, -0.5]))
    assert first.height == third.height == pytest.approx(2 * second.height, abs=2)
    assert [bottom(box) - bottom(first) for box in (second, third)] == [-10, 10]


@pytest.mark.parametrize("size", [8, 28, 45])
@pytest.mark.parametrize("extent", [None, 0.0, 0.0625, 1.0, (0.1, 3.0)])
def test_boxes_are_the_smallest_around_the_ink(writes: Any, size: int, extent: Any) -> None:
    layout = Layout(size=size, spacing=size, line_height=6 * size)
    page = writes("".join(PRINTABLE[:47]) + "\n" + "".join(PRINTABLE[47:]), layout, extent=extent)
    left = page.image.copy()
    for box in boxes_of(page):
        ink = crop(page, box)
        assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
        left[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    assert not left.any()


def test_marks_of_the_model_are_used_instead_of_strokes(writes: Any) -> None:
    page = writes("-./,:", extent=1)
    for mark, box in zip("-./,", boxes_of(page)[:4], strict=True):
        assert np.array_equal(crop(page, box), _images()[PRINTABLE.index(mark), 4:24, 4:14])


def test_only_characters_with_dots_keep_small_ones(writes: Any) -> None:
    page = writes("".join(PRINTABLE), extent=1)
    with_dots = {character.text for character in page.characters if character.box.width == 16}
    assert with_dots == set("!%:;?ij")
    assert {character.box.width for character in page.characters} == {10, 16}


def test_lines_have_room_for_what_is_below_the_baseline(writes: Any) -> None:
    first, second = boxes_of(writes("H\nH", Layout(size=28, baseline_jitter=0)))
    assert second.y - first.y == 40


def test_a_character_that_is_missing_is_named_and_the_others_in_short(
    writes: Any, line_proto: Any, saved: Any
) -> None:
    with pytest.raises(LabelError, match=r"cannot write 'é'; it has printable ASCII, and space$"):
        writes("café")
    proto = line_proto(_images(), {name: _natural(name) for name in PRINTABLE})
    for entry in proto.metadata_props:
        if entry.key in {"classes", "natural"}:
            entry.value = entry.value.replace('"^"', '"é"')
    with pytest.raises(
        LabelError, match=r"cannot write '\^'; it has printable ASCII except \^, é, and space$"
    ):
        Generator(saved(proto)).sequence("2^7é")


@pytest.mark.parametrize("name", ["extent", "rise"])
def test_a_huge_extent_or_rise_is_refused(line_proto: Any, saved: Any, name: str) -> None:
    proto = line_proto(_images(), {name: _natural(name) for name in PRINTABLE})
    (knobs,) = (entry for entry in proto.metadata_props if entry.key == "knobs")
    before = '"low": 0.0, "high": 4.0' if name == "extent" else '"low": -2.0, "high": 2.0'
    assert before in knobs.value
    knobs.value = knobs.value.replace(before, '"low": -8.0, "high": 9.0')
    with pytest.raises(ModelError, match=name):
        Generator(saved(proto))


def test_a_style_of_a_text_is_as_unusual_for_every_class() -> None:
    knob = Knob("thickness", "px", 1.0, 32.0, 1 / 64)
    scale = (1.0, 2.0, 8.0)  # a capital, a small letter and a dot
    classes = [ClassPrior(((1.0,),), (tuple(factor * value for value in range(1, 14)),)) for factor in scale]
    prior = StylePrior([knob], classes)
    values, labels = np.array([14.0, 5.0, 14.0]), np.array([0, 1, 2])
    assert prior.for_classes(values, 0, labels).tolist() == [7.0, 5.0, 56.0]


def test_thick_text_has_thicker_strokes() -> None:
    layout = Layout(size=112, spacing_jitter=0, baseline_jitter=0)
    thin, thick = (
        Generator("text").sequence("Hx(", writer=1, seed=1, thickness=thickness, layout=layout)
        for thickness in (2, 4)
    )
    shares = [
        [(crop(page, box) > 127).sum() / boxes_of(page)[0].height ** 2 for box in boxes_of(page)]
        for page in (thin, thick)
    ]
    assert all(dark > 1.2 * light for light, dark in zip(*shares, strict=True))

"""Effects depend on seed and index only, do what their names say, and change nothing by default."""

import hashlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Batch, Effects, Generator, RequestError
from scorp_runtime.imaging.resize import resize

ALL = {"breaks": 2, "size": 17, "shift": 2, "blur": 1, "background": 40, "noise": 2}
STRONG = {"breaks": 3, "size": 60, "shift": 4, "blur": 5, "background": 200, "noise": 5}
SOME = [{"breaks": 3}, {"size": 20}, {"shift": 4}, {"blur": 2}, {"background": 60}, {"noise": 3}, ALL]
SOME += [
    {"fade": 2},
    {"bleed": 1},
    {"paper": "ruled", "ink": "navy", "noise": 1},
    {"paper": "grid", "size": 40},
]


def test_the_defaults_change_nothing(generator: Generator) -> None:
    batch = generator.generate("0-9", seed=1)
    assert np.array_equal(Effects().apply(batch).images, batch.images)


def test_a_blur_keeps_an_empty_image(generator: Generator) -> None:
    paper = np.zeros((1, 112, 112), np.uint8)
    assert np.array_equal(Effects(blur=5).apply_to_images(paper, 1, 0), paper)


@pytest.mark.parametrize("values", SOME)
def test_effects_depend_on_seed_and_index_only(generator: Generator, values: dict[str, Any]) -> None:
    effects = Effects(**values)
    batch = generator.generate("0-9", 20, seed=1, start=5)
    before = batch.images.copy()
    changed = effects.apply(batch)
    part = generator.generate("0-9", 6, seed=1, start=12, effects=effects)
    assert np.array_equal(changed.images[7:13], part.images)
    assert not np.array_equal(changed.images, before)
    assert np.array_equal(batch.images, before)
    assert changed.images.shape[1:] == effects.shape((12, 10))
    assert np.array_equal(changed.labels, batch.labels)


@pytest.mark.parametrize(
    ("values", "checksum"),
    [
        (ALL, "d44ed0bc8ee1779dfab173fdae981422945eba86134498ff7a3ad8b47ec38037"),
        (STRONG, "c8d90824fbe70cbfdbe2d6a2eff6da3f9ff5540e144dbc94b9c9276870016cd3"),
    ],
    ids=["weak", "strong"],
)
def test_all_effects_together_keep_their_golden_checksum(
    generator: Generator, values: dict[str, int], checksum: str
) -> None:
    for integer in (int, np.uint8):
        effects = Effects(**{name: integer(value) for name, value in values.items()})  # type: ignore[arg-type]
        images = generator.generate("0-9", 20, seed=1, effects=effects).images
        assert hashlib.sha256(images.tobytes()).hexdigest() == checksum


@pytest.mark.parametrize("name", ["breaks", "fade", "bleed", "blur", "noise"])
def test_more_severity_changes_more(generator: Generator, name: str) -> None:
    batch = generator.generate("0-9", 50, seed=1)
    change = [
        np.abs(Effects(**{name: severity}).apply(batch).images.astype(int) - batch.images).mean()
        for severity in range(6)
    ]
    assert change[0] == 0
    assert all(less < more for less, more in pairwise(change))


def test_a_shift_moves_whole_pixels_within_its_limit(generator: Generator) -> None:
    batch = generator.generate("0-9", 200, seed=1)
    images = np.pad(batch.images, ((0, 0), (3, 3), (3, 3)))
    wide = Effects(shift=3).apply(Batch(images, batch.labels, batch.styles, 1, 0)).images
    found = set()
    for before, after in zip(images, wide, strict=True):
        places = [
            (down, right)
            for down in range(-3, 4)
            for right in range(-3, 4)
            if np.array_equal(np.roll(before, (down, right), (0, 1)), after)
        ]
        assert len(places) == 1
        found.add(places[0])
    assert {down for down, _ in found} == {right for _, right in found} == set(range(-3, 4))


@pytest.mark.parametrize("size", [(7, 9), (20, 14), (28, 28), (45, 61)])
def test_resizing_agrees_with_pillow(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    height, width = size
    reference = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
    assert np.abs(resize(image, height, width).astype(int) - reference).max() <= 1


@pytest.mark.parametrize(
    "bad",
    [
        *({"noise": 6}, {"blur": -1}, {"breaks": 1.0}, {"size": 3}, {"shift": True}, {"background": 256}),
        *({"fade": 6}, {"bleed": 2.0}, {"paper": "#ggg"}, {"paper": 3}),
        *({"ink": "#12"}, {"ink": "red", "background": 9}),
    ],
)
def test_an_invalid_effect_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="colour" if "ink" in bad else next(iter(bad))):
        Effects(**bad)

"""Pictures for models: every option is the identity at 0, an address otherwise, and does what it says."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Batch, Generator, Presentation, RequestError
from scorp_runtime.imaging.resize import resize

SOME: list[dict[str, int]] = [
    {"breaks": 3},
    {"size": 20},
    {"shift": 4},
    {"blur": 2},
    {"background": 60},
    {"noise": 3},
    {"breaks": 2, "size": 17, "shift": 2, "blur": 1, "background": 40, "noise": 2},
]


def test_nothing_asked_is_nothing_done(generator: Generator) -> None:
    batch = generator.generate("0-9", seed=1)
    assert np.array_equal(Presentation().apply(batch).images, batch.images)


@pytest.mark.parametrize("asked", SOME)
def test_a_presented_picture_depends_on_its_address_alone(
    generator: Generator, asked: dict[str, int]
) -> None:
    presentation = Presentation(**asked)
    whole = generator.generate("0-9", 20, seed=1, start=5)
    before = whole.images.copy()
    presented = presentation.apply(whole)
    part = presentation.apply(generator.generate("0-9", 6, seed=1, start=12))
    assert np.array_equal(presented.images[7:13], part.images)
    assert not np.array_equal(presented.images, before)
    assert np.array_equal(whole.images, before)
    assert presented.images.shape[1:] == presentation.shape((12, 10))
    assert np.array_equal(presented.labels, whole.labels)


def test_the_whole_order_keeps_its_golden_checksum(generator: Generator) -> None:
    images = Presentation(**SOME[-1]).apply(generator.generate("0-9", 20, seed=1)).images
    assert (
        hashlib.sha256(images.tobytes()).hexdigest()
        == "d44ed0bc8ee1779dfab173fdae981422945eba86134498ff7a3ad8b47ec38037"
    )


@pytest.mark.parametrize("name", ["breaks", "blur", "noise"])
def test_more_severity_is_farther_from_the_drawing(generator: Generator, name: str) -> None:
    batch = generator.generate("0-9", 50, seed=1)
    far = [
        np.abs(Presentation(**{name: severity}).apply(batch).images.astype(int) - batch.images).mean()
        for severity in range(6)
    ]
    assert far[0] == 0
    assert all(less < more for less, more in pairwise(far))


def test_a_strong_blur_of_a_large_image_is_the_repeated_pass(generator: Generator) -> None:
    size, severity = 112, 5
    images = resize(generator.generate("0-9", 3, seed=1).images, size, size)
    expected, changed = images, 0
    for _ in range(severity * size * size // 28**2):
        rows = np.pad(expected, ((0, 0), (1, 1), (0, 0))).astype(int)
        both = np.pad(rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:], ((0, 0), (0, 0), (1, 1)))
        passed = ((both[:, :, :-2] + 2 * both[:, :, 1:-1] + both[:, :, 2:] + 8) // 16).astype(np.uint8)
        changed += not np.array_equal(passed, expected)
        expected = passed
    batch = Batch(images, np.zeros(3, np.int64), np.zeros((3, 3), np.float32), 1, 0)
    assert np.array_equal(Presentation(blur=severity).apply(batch).images, expected)
    assert changed > severity


def test_a_blur_ends_when_no_pass_changes_a_pixel(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    pad = np.pad
    monkeypatch.setattr(np, "pad", lambda *of: (passes.append(1), pad(*of))[1])
    Presentation(size=512, blur=5).apply(generator.generate("7", 1, seed=1))
    assert 5 < len(passes) < 1000  # of 1671


def test_a_shift_moves_whole_pixels_within_its_reach(generator: Generator) -> None:
    batch = generator.generate("0-9", 200, seed=1)
    images = np.pad(batch.images, ((0, 0), (3, 3), (3, 3)))
    wide = Presentation(shift=3).apply(type(batch)(images, batch.labels, batch.styles, 1, 0)).images
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


def test_a_background_is_the_lowest_grey_and_keeps_the_ink(generator: Generator) -> None:
    batch = generator.generate("0-9", 50, seed=1)
    images = Presentation(background=60).apply(batch).images
    assert images.min() == 60
    assert images.max() == batch.images.max() == 255


@pytest.mark.parametrize("size", [(7, 9), (20, 14), (28, 28), (45, 61)])
def test_resizing_agrees_with_pillow(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    height, width = size
    reference = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
    assert np.abs(resize(picture, height, width).astype(int) - reference).max() <= 1


@pytest.mark.parametrize(
    "bad", [{"noise": 6}, {"blur": -1}, {"breaks": 1.0}, {"size": 3}, {"shift": True}, {"background": 256}]
)
def test_what_cannot_be_presented_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=f"{next(iter(bad))} must be a whole number from"):
        Presentation(**bad)


def test_integers_of_numpy_mean_the_same(generator: Generator) -> None:
    asked = {"breaks": 3, "size": 60, "shift": 4, "blur": 5, "background": 200, "noise": 5}
    batch = generator.generate("0-9", seed=1)
    expected = Presentation(**asked).apply(batch).images
    narrow: dict[str, Any] = {name: np.uint8(value) for name, value in asked.items()}
    assert np.array_equal(Presentation(**narrow).apply(batch).images, expected)


def test_the_command_line_presents(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    options = [
        "--size",
        20,
        "--noise",
        2,
        "--breaks",
        1,
        "--shift",
        1,
        "--blur",
        1,
        "--background",
        9,
        "--invert",
    ]
    assert scorp_gen("0-9", "a.npy", "-n", 30, "-s", 1, *options).returncode == 0
    presentation = Presentation(breaks=1, size=20, shift=1, blur=1, background=9, noise=2)
    images = presentation.apply(generator.generate("0-9", 30, seed=1)).images
    assert np.array_equal(np.load(tmp_path / "a.npy"), 255 - images)
    refused = scorp_gen("0-9", "b.npy", "--noise", 9)
    assert (refused.returncode, b"noise must be a whole number from 0 to 5" in refused.stderr) == (2, True)

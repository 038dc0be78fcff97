"""Ink and paper in colour: the right mixture, on paper from a file too, in every format that holds colours."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import DatasetError, Effects, Generator, Layout, RequestError
from scorp_runtime.imaging.ink import ink_box

DARK = {"fade": 3, "bleed": 2}


@pytest.fixture
def oak(tmp_path: Path) -> Path:
    """A paper file on which every pixel differs from its neighbours."""
    down, across = np.mgrid[0:70, 0:90]
    path = tmp_path / "oak.png"
    Image.fromarray(np.stack([down * 2, across * 2, down + across], -1).astype(np.uint8)).save(path)
    return path


def test_ink_is_mixed_with_paper_as_pillow_does() -> None:
    generator = Generator()
    grey = generator.generate("0-9", seed=1).images
    colour = generator.generate("0-9", seed=1, effects=Effects(ink="#1a2a6c", paper="#f4ecd8")).images
    for mask, image in zip(grey, colour, strict=True):
        layers = (Image.new("RGB", (28, 28), name) for name in ("#1a2a6c", "#f4ecd8"))
        expected = Image.composite(*layers, Image.fromarray(mask))
        assert np.abs(image.astype(int) - np.asarray(expected)).max() <= 1
    assert (colour[grey == 0] == (0xF4, 0xEC, 0xD8)).all()


@pytest.mark.parametrize(
    ("values", "checksum"),
    [
        (
            {"paper": "ruled", "ink": "navy", "size": 56, "noise": 1, **DARK},
            "083367a49838e2c77038c97ec48d91719c29f8d2c823eed7a2c9fb48e7adc868",
        ),
        (
            {"paper": "grid", "shift": 2, **DARK},
            "663a5b35db87e9a6b5b9bf4ae1957e30d5c7858dea84d151b6ac65ff2746ff97",
        ),
    ],
    ids=["ruled", "grid"],
)
def test_colours_keep_their_golden_checksum(
    generator: Generator, values: dict[str, Any], checksum: str
) -> None:
    images = generator.generate("0-9", 20, seed=1, effects=Effects(**values)).images
    assert hashlib.sha256(images.tobytes()).hexdigest() == checksum


def test_a_page_shows_a_part_of_its_paper_file(oak: Path) -> None:
    generator = Generator()
    paper = np.asarray(Image.open(oak)).astype(int)
    page = generator.sequence("1", seed=1, effects=Effects(paper=oak))
    blank = generator.sequence("1", seed=1).image == 0
    down, across = np.argwhere((paper == page.image[0, 0]).all(-1))[0]
    part = paper[down : down + blank.shape[0], across : across + blank.shape[1]]
    assert np.array_equal(part[blank], page.image[blank])
    assert generator.sequence("40712345", seed=1, effects=Effects(paper=oak)).image.shape[1] > 90


def test_lines_of_text_are_on_the_rules() -> None:
    layout = Layout(baseline_jitter=0)
    page = Generator().sequence("4\n7", seed=1, layout=layout, effects=Effects(paper="ruled"))
    rules = np.flatnonzero((page.image[:, 0] != 255).any(-1))
    assert [character.box.y + character.box.height for character in page.characters] == rules.tolist()


def test_boxes_enclose_ink_that_bleeds() -> None:
    generator = Generator()
    plain, bled = (
        generator.sequence("4", seed=1, effects=Effects(bleed=severity, fade=severity)) for severity in (0, 3)
    )
    assert bled.characters[0].box == ink_box(bled.image)
    assert bled.characters[0].box.width > plain.characters[0].box.width
    assert np.array_equal(plain.image, generator.sequence("4", seed=1).image)


def test_a_dataset_on_a_paper_file_is_verified_and_resumed(made: Any, fails: Any, oak: Path) -> None:
    words = ["text", 407, "-n", 4, "--seed", 1, "--shards", 2, "--ink=#822", "--paper=oak.png", "pages/"]
    made(*words, model=None)
    made("verify", "pages/", model=None)
    made(*words, "--resume", model=None)
    with Image.open(oak.parent / "pages/00000000.png") as image:
        assert image.mode == "RGB"
    oak.rename(oak.parent / "other.png")
    assert "--paper" in fails(1, "verify", "pages/", model=None)
    made("verify", "pages/", "--paper=other.png", model=None)
    Image.new("RGB", (80, 80)).save(oak)
    assert "changed" in fails(1, "verify", "pages/", model=None)


@pytest.mark.parametrize("output", ["a.npz", "a.npy"])
def test_formats_of_grey_arrays_refuse_colours(fails: Any, output: str) -> None:
    assert "grey" in fails(2, "7", "--ink", "red", "--seed", 1, output)


def test_unusable_paper_is_refused(generator: Generator, oak: Path) -> None:
    for name, image in {"small": Image.new("L", (63, 80)), "deep": Image.new("I;16", (80, 80))}.items():
        image.save(oak.with_name(f"{name}.png"))
        with pytest.raises(DatasetError, match=f"{name}.png"):
            Effects(paper=oak.with_name(f"{name}.png"))
    with pytest.raises(DatasetError, match="No such file"):
        Effects(paper="nowhere.png")
    with pytest.raises(RequestError, match="inverted"):
        generator.dataset("7", effects=Effects(ink="red"), invert=True)
    with pytest.raises(RequestError, match="size is for images"):
        generator.sequence("7", effects=Effects(size=40))

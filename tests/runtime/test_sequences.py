"""Text on a page: boxes are tight, and other tools can read them."""

import csv
import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools.coco import COCO

from scorp_runtime import AddressError, Box, Generator, LabelError, Layout, RequestError
from scorp_runtime.imaging.ink import ink_box, without_specks

APART = Layout(spacing=2, spacing_jitter=1)  # boxes do not touch


@settings(max_examples=40, deadline=None)
@given(
    text=st.text("0123456789-./,: \n", min_size=1, max_size=12).filter(
        lambda text: any(character.isdigit() for character in text)
    ),
    seed=st.integers(0, 2**64 - 1),
    size=st.integers(8, 60),
)
def test_boxes_are_tight_and_contain_all_ink(text: str, seed: int, size: int) -> None:
    layout = Layout(size=size, spacing=2, spacing_jitter=1, baseline_jitter=2, line_height=3 * size)
    page = Generator().sequence(text, seed=seed, layout=layout)
    assert "".join(character.text for character in page.characters) == "".join(text.split())
    left = page.image.copy()
    for character in page.characters:
        box = character.box
        ink = page.image[box.y : box.y + box.height, box.x : box.x + box.width]
        assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
        assert text[character.position] == character.text
        assert text[: character.position].count("\n") == character.line
        left[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    assert not left.any()


def test_digits_share_a_baseline_and_are_evenly_spaced() -> None:
    layout = Layout(spacing=4, spacing_jitter=0, baseline_jitter=0)
    boxes = [c.box for c in Generator().sequence("0123456789", seed=1, layout=layout).characters]
    assert len({box.y + box.height for box in boxes}) == 1
    # Slanted ink may overlap the box of its neighbour, by at most a quarter of the size.
    assert all(-3 <= b.x - (a.x + a.width) <= 4 for a, b in pairwise(boxes))


def test_slant_does_not_tear_a_line_apart() -> None:
    layout = Layout(spacing_jitter=0, baseline_jitter=0)
    upright, slanted = (
        Generator().sequence("111111", seed=1, writer=1, slant=slant, layout=layout) for slant in (0.0, 35.0)
    )
    assert slanted.image.shape[1] < upright.image.shape[1] + 40


def test_a_character_depends_only_on_its_position() -> None:
    generator = Generator()
    short, long = (generator.sequence(text, seed=2, index=3, layout=APART) for text in ("40", "4071-3"))
    assert short.writer == long.writer != generator.sequence("40", seed=2, index=4).writer
    for position in range(2):
        boxes = [page.characters[position].box for page in (short, long)]
        crops = [
            page.image[box.y : box.y + box.height, box.x : box.x + box.width]
            for page, box in zip((short, long), boxes, strict=True)
        ]
        assert np.array_equal(*crops)


def test_a_page_keeps_its_golden_checksum(generator: Generator) -> None:
    page = generator.sequence("20/1-1,\n 3.4:5", seed=7, index=2**52 - 1, layout=Layout(size=17))
    assert page.writer == 8334492861562100
    assert (
        hashlib.sha256(page.image.tobytes()).hexdigest()
        == "15580204e6ada6efe1a72835bc8d2f21abdde20c573c062808273d66d1cc0941"
    )


def test_marks_follow_the_style() -> None:
    generator = Generator()
    thin, thick = (
        generator.sequence("1-1", seed=1, thickness=thickness, slant=0).characters[1].box
        for thickness in (1.5, 5)
    )
    assert thick.height > thin.height + 1
    left, right = (
        generator.sequence("1/1", seed=1, slant=slant).characters[1].box for slant in (-30.0, 30.0)
    )
    assert right.width > left.width + 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4a7é", "cannot write 'a', 'é'; it has 0-9, the marks , - . / :, and space"),
        ("-- /", "no character"),
        ("", "no character"),
        ("1" * 4097, "4097 characters, more than 4096"),
    ],
)
def test_an_unsupported_text_is_refused(generator: Generator, text: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        generator.sequence(text, seed=1)


def test_an_invalid_layout_or_index_is_refused(generator: Generator) -> None:
    with pytest.raises(RequestError, match=r"size.* 8 to 512, not 0"):
        generator.sequence("1", layout=Layout(size=0))
    with pytest.raises(AddressError, match=r"from 0 to 2\^52 - 1"):
        generator.sequence("1", index=2**52)
    assert generator.sequence("1", index=2**52 - 1, seed=2**64 - 1).characters


def test_specks_are_removed_and_strokes_kept() -> None:
    image = np.zeros((12, 12), np.uint8)
    image[2:10, 5] = 200
    image[2:10, 6] = 30  # an edge that touches the stroke
    image[0, 0] = image[11, 11] = 90
    assert ink_box(without_specks(image)) == Box(5, 2, 2, 8)
    assert ink_box(np.zeros((3, 3), np.uint8)) is None


def boxes_of(page: Any) -> list[list[Any]]:
    return [[c.text, c.box.x, c.box.y, c.box.width, c.box.height] for c in page.characters]


def test_the_three_box_formats_of_a_folder_agree(made: Any, tmp_path: Path) -> None:
    made("--text=20 -1", "--text=3,5", "-n", 3, "--seed", 1, "pages/", "--invert", model=None)
    known = COCO(tmp_path / "pages/coco.json")
    names = {category["id"]: category["name"] for category in known.dataset["categories"]}
    with (tmp_path / "pages/boxes.csv").open(newline="") as stream:
        table = list(csv.DictReader(stream))
    for index, entry in enumerate(known.dataset["images"]):
        page = Generator("text").sequence("20 -1\n3,5", seed=1, index=index)
        with Image.open(tmp_path / "pages" / entry["file_name"]) as image:
            assert np.array_equal(255 - np.asarray(image), page.image)
        height, width = page.image.shape
        assert (entry["height"], entry["width"]) == (height, width)
        notes = known.loadAnns(known.getAnnIds(imgIds=[entry["id"]]))
        coco = [[names[note["category_id"]], *note["bbox"]] for note in notes]
        rows = [
            [row["character"], *(int(row[key]) for key in ("x", "y", "width", "height"))]
            for row in table
            if row["file_name"] == entry["file_name"]
        ]
        lines = (tmp_path / "pages" / entry["file_name"]).with_suffix(".box").read_text().splitlines()
        tesseract = [
            [character, int(left), height - int(top), int(right) - int(left), int(top) - int(bottom)]
            for character, left, bottom, right, top, _ in map(str.split, lines)
        ]
        assert coco == rows == tesseract == boxes_of(page)


def test_the_command_writes_a_page_and_reports_its_boxes(scorp_gen: Any, tmp_path: Path) -> None:
    page = Generator("text").sequence(
        "-3.5", seed=3, index=2, writer=12, slant=-10, layout=Layout(spacing=-1)
    )
    words = ["--text", "-3.5", "--seed", 3, "--start", 2, "--writer", 12, "--slant", -10, "--spacing", -1]
    (report,) = json.loads(scorp_gen(*words, "a.png", "--json", model=None).stdout)["pages"]
    assert (report["boxes"], report["writer"]) == (boxes_of(page), 12)
    assert report["pixels_sha256"] == hashlib.sha256(page.image.tobytes()).hexdigest()
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), page.image)
        said = json.loads(image.info["scorp"])
    assert (said["seed"], said["index"], said["writer"], said["text"]) == ("3", "2", "12", "-3.5")
    for options in ([], ["--backend", "numpy", "--threads", "auto"]):
        assert scorp_gen(*words, "-", *options, model=None).stdout == (tmp_path / "a.png").read_bytes()

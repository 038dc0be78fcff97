"""A written and scanned sheet, rotated or not, is cut into one image for each box with writing."""

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_train.cli.scan_sheet import BORDER, CELL, blank_sheet, main
from scorp_train.data import load_dataset
from scorp_train.judge import load_judge


@pytest.fixture(scope="module")
def digits():
    return Generator().generate([row for row in range(4) for _ in range(12)], seed=8).images


def written(digits, empty=()):
    """Return a sheet with a digit of each row's class in every box, except a speck in the empty ones."""
    sheet = np.asarray(blank_sheet("0123", 12)).copy()
    for row in range(4):
        for column in range(12):
            y, x = BORDER + row * CELL + 17, BORDER + column * CELL + 15
            if (row, column) in empty:
                sheet[y + 20 : y + 22, x + 20 : x + 22] = 30
                continue
            ink = np.kron(digits[row * 12 + column], np.ones((2, 2)))
            sheet[y : y + 56, x : x + 56] = np.minimum(sheet[y : y + 56, x : x + 56], 255 - 0.8 * ink)
    return Image.fromarray(sheet)


def scan(sheet, path, angle=0.0):
    """Save a sheet as a scanner would: rotated, on grey paper, with noise."""
    turned = sheet.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    grey = np.asarray(turned) * 0.8 + 20 + np.random.default_rng(0).normal(0, 3, turned.size[::-1])
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(path)


@pytest.fixture
def cut(tmp_path):
    """Return a function that cuts a scan into `mine` and returns the exit code."""

    def run(name="scan.png", *words):
        return main(["cut", str(tmp_path / name), str(tmp_path / "mine"), "--classes", *(words or ["0-3"])])

    return run


@pytest.mark.parametrize(("angle", "name"), [(0, "scan.png"), (2.5, "scan.jpg"), (-4, "scan.png")])
def test_every_box_becomes_an_image_of_its_class(tmp_path, digits, cut, angle, name):
    scan(written(digits), tmp_path / name, angle)
    assert cut(name) == 0
    dataset = load_dataset(tmp_path / "mine")
    assert dataset.classes == ("0", "1", "2", "3")
    assert (len(dataset.train), len(dataset.test)) == (40, 8)
    assert load_judge("mnist").accuracy(dataset.train.images, dataset.train.labels) > 0.9


def test_empty_boxes_and_dust_are_skipped(tmp_path, digits, cut):
    scan(written(digits, {(1, 3), (1, 4), (3, 11)}), tmp_path / "scan.png", 1)
    assert cut() == 0
    assert [len(list((tmp_path / "mine" / name).iterdir())) for name in "0123"] == [12, 10, 12, 11]


def no_frame(digits):
    return Image.fromarray(255 - digits[0]).resize((300, 300))


def dark(digits):
    return Image.fromarray(np.concatenate(digits[:8]))


@pytest.mark.parametrize(
    ("make", "words", "named"),
    [
        (no_frame, ["0-3"], "frame"),
        (dark, ["0-3"], "frame"),
        (written, ["0-4"], "5 rows of 12 boxes"),
        (written, ["0-1"], "4 rows of 12 boxes, not 2 of 12"),
        (written, ["0"], "4 rows of 12 boxes, not 1 of 12"),
        (written, ["0-3", "--columns", "6"], "4 rows of 12 boxes, not 4 of 6"),
        (lambda digits: blank_sheet("0123", 12), ["0-3"], "empty"),
        (lambda digits: b"not an image", ["0-3"], "readable"),
        (lambda digits: None, ["0-3"], "readable"),
    ],
)
def test_a_scan_that_cannot_be_cut_is_named(tmp_path, digits, cut, capsys, make, words, named):
    match make(digits):
        case bytes(content):
            (tmp_path / "scan.png").write_bytes(content)
        case Image.Image() as sheet:
            scan(sheet, tmp_path / "scan.png", 1)
    assert cut("scan.png", *words) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "scan.png" in error
    assert named in error
    assert not (tmp_path / "mine").exists()


def test_existing_images_are_kept(tmp_path, digits, cut, capsys):
    scan(written(digits), tmp_path / "scan.png")
    assert cut() == 0
    before = sorted((tmp_path / "mine").rglob("*.png"))
    capsys.readouterr()
    assert cut() == 1
    assert "not empty" in capsys.readouterr().err
    assert sorted((tmp_path / "mine").rglob("*.png")) == before


def test_all_folders_appear_or_none(tmp_path, digits, cut, capsys):
    scan(written(digits), tmp_path / "scan.png")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "3").write_text("a file")
    assert cut() == 1
    assert str(tmp_path / "mine" / "3") in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["3"]

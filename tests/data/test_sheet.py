"""A sheet written on and scanned, however it lies, is cut into one picture for each box that somebody wrote in."""

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_train.cli.scan_sheet import BORDER, CELL, blank_sheet, main
from scorp_train.data import load_dataset
from scorp_train.judge import load_judge


def written(digits, rows, columns, empty=()):
    """A sheet with a digit of each row's class in every box, but for the empty ones, and a speck in those."""
    sheet = np.asarray(blank_sheet([str(row) for row in range(rows)], columns)).copy()
    for row in range(rows):
        for column in range(columns):
            y, x = BORDER + row * CELL + 17, BORDER + column * CELL + 15
            if (row, column) in empty:
                sheet[y + 20 : y + 22, x + 20 : x + 22] = 30
                continue
            ink = np.kron(digits[row * columns + column], np.ones((2, 2)))
            sheet[y : y + 56, x : x + 56] = np.minimum(sheet[y : y + 56, x : x + 56], 255 - 0.8 * ink)
    return Image.fromarray(sheet)


def scanned(sheet, path, angle=0.0, **options):
    """As a scanner sees it: turned, on grey paper, with noise."""
    turned = sheet.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    grey = np.asarray(turned) * 0.8 + 20 + np.random.default_rng(0).normal(0, 3, turned.size[::-1])
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(path, **options)


@pytest.fixture(scope="module")
def digits():
    return Generator().generate([row for row in range(4) for _ in range(12)], seed=8).images


@pytest.mark.parametrize(("angle", "suffix"), [(0, "png"), (2.5, "jpg"), (-4, "png")])
def test_every_box_becomes_a_picture_of_its_class(tmp_path, digits, angle, suffix):
    scanned(written(digits, 4, 12), tmp_path / f"scan.{suffix}", angle)
    assert main(["cut", str(tmp_path / f"scan.{suffix}"), str(tmp_path / "mine"), "--classes", "0-3"]) == 0
    dataset = load_dataset(tmp_path / "mine")
    assert dataset.classes == ("0", "1", "2", "3")
    assert (len(dataset.train), len(dataset.test)) == (40, 8)
    assert load_judge("mnist").accuracy(dataset.train.images, dataset.train.labels) > 0.9


def test_empty_boxes_and_dust_are_left_out(tmp_path, digits):
    scanned(written(digits, 4, 12, {(1, 3), (1, 4), (3, 11)}), tmp_path / "scan.png", 1)
    assert main(["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", "0-3"]) == 0
    assert [len(list((tmp_path / "mine" / name).iterdir())) for name in "0123"] == [12, 10, 12, 11]


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "a scan without a frame",
    "exit 1: no frame is seen; nothing is written",
)
def test_a_scan_without_a_frame_is_one_line_and_leaves_nothing(tmp_path, digits, capsys):
    scanned(written(digits, 4, 12), tmp_path / "good.png")
    Image.fromarray(255 - digits[0]).resize((300, 300)).save(tmp_path / "bad.png")
    words = ["cut", str(tmp_path / "good.png"), str(tmp_path / "bad.png"), str(tmp_path / "mine")]
    assert main([*words, "--classes", "0-3"]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "bad.png" in error
    assert "frame" in error
    assert not (tmp_path / "mine").exists()


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "folders that hold pictures",
    "exit 1: not empty; they stay as they are",
)
def test_pictures_that_are_there_stay(tmp_path, digits, capsys):
    scanned(written(digits, 4, 12), tmp_path / "scan.png")
    words = ["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", "0-3"]
    assert main(words) == 0
    before = sorted((tmp_path / "mine").rglob("*.png"))
    capsys.readouterr()
    assert main(words) == 1
    assert "not empty" in capsys.readouterr().err
    assert sorted((tmp_path / "mine").rglob("*.png")) == before


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "another number of boxes than asked for",
    "exit 1: no frame of 5 rows of 12 boxes",
)
def test_another_number_of_boxes_is_told(tmp_path, digits, capsys):
    scanned(written(digits, 4, 12), tmp_path / "scan.png", 1)
    words = ["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine")]
    assert main([*words, "--classes", "0-4"]) == 1
    assert "no frame of 5 rows of 12 boxes" in capsys.readouterr().err


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "a part of the number of boxes that there are",
    "exit 1: there are 4 rows of 12 boxes, not 2 of 12",
)
@pytest.mark.parametrize(
    ("words", "asked"), [(["0-1"], "2 of 12"), (["0-3", "--columns", "6"], "4 of 6"), (["0"], "1 of 12")]
)
def test_a_part_of_the_boxes_is_told(tmp_path, digits, words, asked, capsys):
    scanned(written(digits, 4, 12), tmp_path / "scan.png", 1)
    assert main(["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", *words]) == 1
    assert f"there are 4 rows of 12 boxes, not {asked}" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "a sheet on which nobody wrote",
    "exit 1: nothing is written in its boxes",
)
def test_an_unwritten_sheet_is_told(tmp_path, digits, capsys):
    scanned(blank_sheet("0123", 12), tmp_path / "scan.png")
    assert main(["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", "0-3"]) == 1
    assert "scan.png: nothing is written" in capsys.readouterr().err


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet", "a picture that is dark all over", "exit 1: no frame is seen"
)
def test_a_dark_picture_has_no_frame(tmp_path, digits, capsys):
    Image.fromarray(np.concatenate(digits[:8])).save(tmp_path / "scan.png")
    assert main(["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", "0-3"]) == 1
    assert "no frame" in capsys.readouterr().err


@pytest.mark.fault(
    "python -m scorp_train.cli.scan_sheet",
    "one class whose folder cannot be written",
    "exit 1; no folder appears, not of the others",
)
def test_all_folders_appear_or_none(tmp_path, digits, capsys):
    scanned(written(digits, 4, 12), tmp_path / "scan.png")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "3").write_text("a file")
    assert main(["cut", str(tmp_path / "scan.png"), str(tmp_path / "mine"), "--classes", "0-3"]) == 1
    assert "3: it is a file, not a folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["3"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            name,
            content,
            marks=pytest.mark.fault(
                "python -m scorp_train.cli.scan_sheet", what, "exit 1: no readable picture"
            ),
        )
        for what, name, content in (
            ("a scan that is no picture", "scan.png", b"no picture"),
            ("a scan that is not there", "scan.jpg", None),
        )
    ],
)
def test_a_scan_that_cannot_be_read_is_named(tmp_path, capsys, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["cut", str(tmp_path / name), str(tmp_path / "mine"), "--classes", "0-3"]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert f"{name}: no readable picture" in error
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    "words", [["blank", "a.png"], ["blank", "a.png", "--classes", "a b"], ["cut", "--classes", "0-9"], []]
)
def test_wrong_usage_is_one_line(tmp_path, words, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []

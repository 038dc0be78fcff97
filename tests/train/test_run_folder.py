"""The files of a finished run."""

import gzip
import json
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES, COLUMNS, SIDE = 10, 12, 28


def test_options_are_complete_json(finished: Path) -> None:
    options = json.loads((finished / "options.json").read_text())
    assert options["training"]["epochs"] == 2
    assert options["model"]["discriminator_width"] == 8


def test_statistics_have_a_line_per_group_and_per_epoch(finished: Path) -> None:
    lines = [json.loads(line) for line in (finished / "statistics.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["group", "epoch", "group", "epoch"]
    assert {"picture_loss", "code_nats"} <= lines[1]["statistics"].keys()
    assert {"discriminator_loss", "generator_loss"} <= lines[3]["statistics"].keys()
    for line in lines:
        assert all(np.isfinite(value) for value in line["statistics"].values())
    assert all(line["images_per_second"] > 0 for line in lines if line["kind"] == "group")


def test_samples_have_one_row_per_class_beside_real_images(finished: Path, digits: Path) -> None:
    sheet = np.asarray(Image.open(finished / "samples-0002.png"))[::2, ::2]
    assert sheet.shape == (CLASSES * SIDE, 2 * COLUMNS * SIDE + 12)
    raw = gzip.decompress((digits / "train-images-idx3-ubyte.gz").read_bytes())
    first = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, SIDE, SIDE)[0]
    right = sheet[:, COLUMNS * SIDE + 12 :]
    # The first image of the data is a zero, so it starts the first row.
    assert np.array_equal(right[:SIDE, :SIDE], 255 - first)


def test_curves_are_an_image(finished: Path) -> None:
    with Image.open(finished / "curves.png") as curves:
        curves.load()
        assert curves.width >= 600
        # Axes and lines on a background.
        dark = np.mean(np.asarray(curves.convert("L")) < 128)
    assert 0.002 < dark < 0.3

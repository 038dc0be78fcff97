"""What `scorp-gen` writes can be read back, and has the images that the library draws."""

import csv
import hashlib
import io
import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_train.export.golden import make_golden


def pixels(path: Any) -> Any:
    with Image.open(path) as image:
        assert image.mode == "L"
        return np.asarray(image)


@pytest.mark.parametrize(
    ("count", "options", "rows", "columns"),
    [(1, [], 1, 1), (7, [], 3, 3), (7, ["--columns", 5], 2, 5), (7, ["--columns", 99], 1, 7)],
)
def test_a_png_file_is_an_image_or_a_contact_sheet(
    made: Any, tmp_path: Path, generator: Generator, count: int, options: list[Any], rows: int, columns: int
) -> None:
    message = made("0-9", "-n", count, "a.png", "--seed", 3, "--start", 4, *options).stderr.decode()
    assert ("1 image" if count == 1 else f"{rows} x {columns}") in message
    sheet = pixels(tmp_path / "a.png")
    assert sheet.shape == (12 * rows, 10 * columns)
    tiles = sheet.reshape(rows, 12, columns, 10).swapaxes(1, 2).reshape(-1, 12, 10)
    assert np.array_equal(tiles[:count], generator.generate("0-9", count, seed=3, start=4).images)
    assert not tiles[count:].any()


def test_scale_and_invert(made: Any, tmp_path: Path, generator: Generator) -> None:
    made("7", "-n", 3, "a.png", "-s", 1, "--scale", 3, "--invert")
    sheet = pixels(tmp_path / "a.png")
    assert sheet.shape == (72, 60)
    assert np.array_equal(255 - sheet[1:36:3, 1:30:3], generator.generate(7, 3, seed=1).images[0])
    assert (sheet[36:, 30:] == 255).all()


def test_a_folder_has_a_file_per_image_and_a_table(
    made: Any, contents: Any, tmp_path: Path, generator: Generator
) -> None:
    start = 99_999_999
    made("1,3", "-n", 5, "digits/", "--seed", 3, "--start", start, "--slant", "-10..5")
    batch = generator.generate("1,3", 5, seed=3, start=start, slant="-10..5")
    names = [f"{'31'[place % 2]}/{start + place:09}.png" for place in range(5)]
    assert contents(tmp_path / "digits").keys() == {"metadata.csv", "README.md", "provenance.json", *names}
    with (tmp_path / "digits" / "metadata.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["file_name", "label", "seed", "index", "thickness", "slant", "width"]
    for name, row, image, styles in zip(names, rows, batch.images, batch.styles, strict=True):
        assert np.array_equal(pixels(tmp_path / "digits" / name), image)
        assert (row["file_name"], row["label"], row["seed"]) == (name, name[0], "3")
        assert [float(row[knob.name]) for knob in generator.knobs] == styles.tolist()


@pytest.mark.parametrize("name", ["a.png", "a.npy", "a.npz"])
def test_a_command_writes_the_same_bytes_again_and_to_stdout(made: Any, tmp_path: Path, name: str) -> None:
    words = ["0-9", "-n", 30, "--seed", 3]
    made(*words, name)
    stored = (tmp_path / name).read_bytes()
    made(*words, name)
    assert (tmp_path / name).read_bytes() == stored
    for output in ([], ["-"]):
        piped = made(*words, *output, "--format", name[2:]).stdout
        if name == "a.npz":  # a zip in a pipe has its sizes in other places
            piped, whole = (np.load(io.BytesIO(content))["images"] for content in (piped, stored))
            assert np.array_equal(piped, whole)
        else:
            assert piped == stored


def test_a_random_seed_is_printed_and_repeats_the_images(made: Any, tmp_path: Path) -> None:
    result = made("0-9", "a.npy", "--json")
    seed = json.loads(result.stdout)["seed"]
    assert f"--seed {seed} " in result.stderr.decode()
    made("0-9", "b.npy", "--seed", seed)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_json_describes_the_result_in_one_line(scorp_gen: Any, generator: Generator) -> None:
    words = ["1-3", "-n", 9, "--seed", 0, "--start", 2, "--slant", -5, "--json"]
    description = json.loads(scorp_gen(*words, "a.npy").stdout)
    batch = generator.generate("1-3", 9, seed=0, start=2, slant=-5)
    assert description == {
        "output": "a.npy",
        "format": "npy",
        "what": "1-3",
        "count": 9,
        "seed": 0,
        "start": 2,
        "writer": None,
        "styles": {"slant": "-5"},
        "presentation": dict.fromkeys(("breaks", "fade", "bleed", "shift", "blur", "background", "noise"), 0)
        | dict.fromkeys(("size", "ink", "paper")),
        "model": "tiny",
        "model_version": "1.0.0",
        "model_sha256": generator.model_sha256,
        "image_shape": [12, 10],
        "invert": False,
        "pixels_sha256": hashlib.sha256(batch.images.tobytes()).hexdigest(),
    }
    piped = scorp_gen(*words, "--invert", "-")
    assert piped.stdout.startswith(b"\x89PNG")
    assert json.loads(piped.stderr.splitlines()[-1])["pixels_sha256"] == description["pixels_sha256"]


def test_info_describes_the_model(scorp_gen: Any, generator: Generator) -> None:
    text = scorp_gen("info").stdout.decode()
    assert "tiny 1.0.0" in text
    assert "slant -30..30 degrees" in text
    document = json.loads(scorp_gen("info", "--json").stdout)
    assert document["classes"] == list("0123456789")
    assert document["file_sha256"] == generator.model_sha256
    assert document["exact"] is True


def test_check_compares_the_golden_pixels(
    made: Any, scorp_gen: Any, tmp_path: Path, tiny_bytes: bytes, generator: Generator
) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(tiny_bytes)
    golden = make_golden(generator)
    for document in ({}, golden):
        if document:
            model.with_name("m.golden.json").write_text(json.dumps(document))
        result = json.loads(made("check", "--json", model=model).stdout)
        assert result["golden_cases"] == len(document.get("cases", []))
    golden["cases"][-1]["pixels_sha256"] = "0" * 64
    model.with_name("m.golden.json").write_text(json.dumps(golden))
    result = scorp_gen("check", "--json", model=model)
    assert result.returncode == 3
    assert json.loads(result.stdout)["error"] in result.stderr.decode()


def test_a_replaced_file_keeps_its_permissions_and_its_links(made: Any, tmp_path: Path) -> None:
    (tmp_path / "real.npy").write_bytes(b"old")
    (tmp_path / "real.npy").chmod(0o640)
    (tmp_path / "link.npy").symlink_to("real.npy")
    made("7", "link.npy")
    assert (tmp_path / "link.npy").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.npy").stat().st_mode) == 0o640
    assert np.load(tmp_path / "real.npy").shape == (1, 12, 10)

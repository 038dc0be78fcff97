"""What `scorp-gen` writes can be read back, and holds the pictures that the library draws."""

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


def words_of(result: Any) -> str:
    assert result.returncode == 0, result.stderr
    return str(result.stderr.decode())


def test_one_picture_is_a_picture(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    told = words_of(scorp_gen("7", "seven.png", "--seed", 3))
    assert np.array_equal(pixels(tmp_path / "seven.png"), generator.generate(7, seed=3).images[0])
    assert told == "scorp-gen: 1 picture of 7 in seven.png\n"


@pytest.mark.parametrize(
    ("options", "rows", "columns"), [([], 3, 3), (["--columns", 5], 2, 5), (["--columns", 99], 1, 7)]
)
def test_many_pictures_are_a_sheet_that_says_so(
    scorp_gen: Any, tmp_path: Path, generator: Generator, options: list[Any], rows: int, columns: int
) -> None:
    told = words_of(scorp_gen("0-9", "-n", 7, "sheet.png", "--seed", 3, "--start", 4, *options))
    assert f"one contact sheet of {rows} x {columns}; a folder (digits/) gets a file per picture" in told
    sheet = pixels(tmp_path / "sheet.png")
    assert sheet.shape == (12 * rows, 10 * columns)
    images = generator.generate("0-9", 7, seed=3, start=4).images
    tiles = sheet.reshape(rows, 12, columns, 10).swapaxes(1, 2).reshape(-1, 12, 10)
    assert np.array_equal(tiles[:7], images)
    assert not tiles[7:].any()


def test_scale_and_invert(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    words_of(scorp_gen("7", "-n", 3, "a.png", "-s", 1, "--scale", 3, "--invert"))
    sheet = pixels(tmp_path / "a.png")
    assert sheet.shape == (72, 60)
    assert np.array_equal(255 - sheet[1:36:3, 1:30:3], generator.generate(7, 3, seed=1).images[0])
    assert (sheet[36:, 30:] == 255).all()


def test_a_folder_holds_a_file_per_picture_and_a_table(
    scorp_gen: Any, tmp_path: Path, generator: Generator
) -> None:
    start = 99_999_999
    words_of(scorp_gen("1,3", "-n", 5, "digits/", "--seed", 3, "--start", start, "--slant", "-10..5"))
    batch = generator.generate("1,3", 5, seed=3, start=start, slant="-10..5")
    with (tmp_path / "digits" / "metadata.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["file_name", "label", "seed", "index", "thickness", "slant", "width"]
    assert [row["file_name"] for row in rows] == [
        f"{'31'[place % 2]}/{start + place:09}.png" for place in range(5)
    ]
    for row, image, styles in zip(rows, batch.images, batch.styles, strict=True):
        assert np.array_equal(pixels(tmp_path / "digits" / row["file_name"]), image)
        assert row["label"] == row["file_name"][0]
        assert row["seed"] == "3"
        assert [float(row[knob.name]) for knob in generator.knobs] == styles.tolist()
    files = {str(path.relative_to(tmp_path / "digits")) for path in (tmp_path / "digits").rglob("*.*")}
    assert files == {"metadata.csv", "README.md", "provenance.json", *(row["file_name"] for row in rows)}


def test_an_existing_empty_folder_is_filled(scorp_gen: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    words_of(scorp_gen("7", "out"))
    assert (tmp_path / "out" / "7" / "00000000.png").is_file()


def test_npy_is_the_pictures(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    words_of(scorp_gen("all", "-n", 700, "a.npy", "--seed", 3))
    assert np.array_equal(np.load(tmp_path / "a.npy"), generator.generate("all", 700, seed=3).images)


def test_npz_is_everything(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    seed = 2**64 - 1
    words_of(scorp_gen("all", "-n", 700, "a.npz", "--seed", seed, "--start", 5, "--thickness", 2))
    batch = generator.generate("all", 700, seed=seed, start=5, thickness=2)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert sorted(found) == ["classes", "images", "knobs", "labels", "seed", "start", "styles"]
        assert np.array_equal(found["images"], batch.images)
        assert np.array_equal(found["labels"], batch.labels)
        assert np.array_equal(found["styles"], batch.styles)
        assert tuple(found["classes"]) == generator.classes
        assert list(found["knobs"]) == ["thickness", "slant", "width"]
        assert (int(found["seed"]), int(found["start"])) == (seed, 5)


@pytest.mark.parametrize("name", ["a.png", "a.npy", "a.npz"])
def test_stdout_holds_the_same_bytes_as_a_file(scorp_gen: Any, tmp_path: Path, name: str) -> None:
    asked = ["0-9", "-n", 30, "--seed", 3]
    words_of(scorp_gen(*asked, name))
    for output in ([], ["-"]):
        result = scorp_gen(*asked, *output, "--format", name[2:])
        words_of(result)
        stored = (tmp_path / name).read_bytes()
        if name == "a.npz":  # a zip in a pipe has its sizes in other places
            assert np.array_equal(
                np.load(io.BytesIO(result.stdout))["images"], np.load(io.BytesIO(stored))["images"]
            )
        else:
            assert result.stdout == stored


@pytest.mark.parametrize("name", ["a.png", "a.npy", "a.npz"])
def test_the_same_command_writes_the_same_bytes(scorp_gen: Any, tmp_path: Path, name: str) -> None:
    words_of(scorp_gen("0-9", "-n", 30, "--seed", 3, name))
    first = (tmp_path / name).read_bytes()
    words_of(scorp_gen("0-9", "-n", 30, "--seed", 3, name))
    assert (tmp_path / name).read_bytes() == first


def test_a_drawn_seed_is_told_and_makes_the_same_pictures(scorp_gen: Any, tmp_path: Path) -> None:
    result = scorp_gen("0-9", "a.npy", "--json")
    made = json.loads(result.stdout)
    assert f"scorp-gen: seed {made['seed']}: --seed {made['seed']} makes the same" in words_of(result)
    words_of(scorp_gen("0-9", "b.npy", "--seed", made["seed"]))
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_json_tells_what_was_made_in_one_line(scorp_gen: Any, tmp_path: Path, generator: Generator) -> None:
    words = ["1-3", "-n", 9, "--seed", 0, "--start", 2, "--slant", -5, "--json"]
    made = json.loads(scorp_gen(*words, "a.npy").stdout)
    batch = generator.generate("1-3", 9, seed=0, start=2, slant=-5)
    assert made == {
        "output": "a.npy",
        "format": "npy",
        "what": "1-3",
        "count": 9,
        "seed": 0,
        "start": 2,
        "writer": None,
        "styles": {"slant": "-5"},
        "presentation": {"breaks": 0, "size": None, "shift": 0, "blur": 0, "background": 0, "noise": 0},
        "model": "tiny",
        "model_version": "1.0.0",
        "model_sha256": generator.model_sha256,
        "image_shape": [12, 10],
        "invert": False,
        "pixels_sha256": hashlib.sha256(batch.images.tobytes()).hexdigest(),
    }
    piped = scorp_gen(*words, "--invert", "-")
    assert piped.stdout.startswith(b"\x89PNG")
    again = json.loads(piped.stderr.splitlines()[-1])
    assert again["pixels_sha256"] == made["pixels_sha256"]


def test_options_stand_anywhere(scorp_gen: Any, tmp_path: Path) -> None:
    words_of(scorp_gen("--count", 3, "7", "--seed", 1, "a.npy", "--slant", "-10..-5"))
    words_of(scorp_gen("7", "b.npy", "-n", 3, "-s", 1, "--slant=-10..-5"))
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_info_tells_of_the_model(scorp_gen: Any, generator: Generator) -> None:
    text = scorp_gen("info").stdout.decode()
    assert "tiny 1.0.0" in text
    assert "slant -30..30 degrees" in text
    document = json.loads(scorp_gen("info", "--json").stdout)
    assert document["classes"] == list("0123456789")
    assert document["file_sha256"] == generator.model_sha256
    assert document["exact"] is True


def test_check_compares_the_golden_pixels(
    scorp_gen: Any, tmp_path: Path, tiny_bytes: bytes, generator: Generator
) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(tiny_bytes)
    assert b"no golden file to compare with" in scorp_gen("check", model=model).stdout
    golden = make_golden(generator)
    (tmp_path / "m.golden.json").write_text(json.dumps(golden))
    assert json.loads(scorp_gen("check", "--json", model=model).stdout)["golden_cases"] == len(
        golden["cases"]
    )
    golden["cases"][-1]["pixels_sha256"] = "0" * 64
    (tmp_path / "m.golden.json").write_text(json.dumps(golden))
    result = scorp_gen("check", model=model)
    assert result.returncode == 3
    assert b"has other pixels" in result.stderr
    result = scorp_gen("check", "--json", model=model)
    assert result.returncode == 3
    assert json.loads(result.stdout)["error"] in result.stderr.decode()


def test_a_replaced_file_keeps_its_permissions_and_its_links(scorp_gen: Any, tmp_path: Path) -> None:
    (tmp_path / "real.npy").write_bytes(b"old")
    (tmp_path / "real.npy").chmod(0o640)
    (tmp_path / "link.npy").symlink_to("real.npy")
    words_of(scorp_gen("7", "link.npy"))
    assert (tmp_path / "link.npy").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.npy").stat().st_mode) == 0o640
    assert np.load(tmp_path / "real.npy").shape == (1, 12, 10)

"""`scorp-gen verify` finds whatever is not as it was made."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

FORMATS = ["folder", "idx", "npz", "tar", "parquet"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_path: Path) -> Callable[[str], Path]:
    """Makes a dataset of 60 pictures in 3 shards, once per format."""
    from scorp_runtime.cli.main import main

    root = tmp_path_factory.mktemp("made")

    def make(form: str) -> Path:
        if not (root / form).exists():
            words = [
                "0-9",
                f"{root / form}/",
                "-n",
                "60",
                "-s",
                "1",
                "--shards",
                "3",
                "--model",
                str(tiny_path),
            ]
            assert main([*words, "--format", form]) == 0
        return root / form

    return make


@pytest.fixture
def copy(made: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    return lambda form: Path(shutil.copytree(made(form), tmp_path / "set"))


@pytest.fixture
def complaint(scorp_gen: Any) -> Callable[[], str]:
    def verify() -> str:
        result = scorp_gen("verify", "set")
        lines = result.stderr.decode().splitlines()
        assert (result.returncode, len(lines), result.stdout) == (1, 1, b""), lines
        return str(lines[0])

    return verify


def flip_png(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data))
    pixels = np.array(image)
    pixels[5, 5] ^= 1
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def flip_one_pixel(folder: Path, form: str) -> None:
    """Flips the lowest bit of one pixel of one picture near the end."""
    match form:
        case "folder":
            path = folder / "7" / "00000057.png"
            path.write_bytes(flip_png(path.read_bytes()))
        case "idx":
            data = bytearray((folder / "train-images-idx3-ubyte").read_bytes())
            data[16 + 57 * 120 + 55] ^= 1
            (folder / "train-images-idx3-ubyte").write_bytes(data)
        case "npz":
            arrays = dict(np.load(folder / "train-00002-of-00003.npz"))
            arrays["images"][17, 5, 5] ^= 1
            np.savez(folder / "train-00002-of-00003.npz", **arrays)
        case "tar":
            path = folder / "train-00002-of-00003.tar"
            with tarfile.open(path) as archive:
                entries = [(entry, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
            with tarfile.open(path, "w") as archive:
                for entry, data in entries:
                    data = flip_png(data) if entry.name == "00000057.png" else data
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
        case "parquet":
            import pyarrow
            from pyarrow import parquet

            table = parquet.read_table(folder / "train-00002-of-00003.parquet")
            rows = table.to_pylist()
            rows[17]["image"]["bytes"] = flip_png(rows[17]["image"]["bytes"])
            table = pyarrow.Table.from_pylist(rows, table.schema)
            parquet.write_table(table, folder / "train-00002-of-00003.parquet")


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_made_is_in_order(made: Callable[[str], Path], scorp_gen: Any, form: str) -> None:
    result = scorp_gen("verify", made(form))
    assert result.stdout.decode().startswith(f"{made(form)}: all 60 ")
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("form", FORMATS)
def test_one_flipped_pixel_is_found(copy: Any, complaint: Any, form: str) -> None:
    flip_one_pixel(copy(form), form)
    told = complaint()
    assert "has other pixels than image 57 of seed 1" in told
    assert "57" in told.partition(" has ")[0] or "17" in told.partition(" has ")[0]


def test_two_workers_find_it_too(made: Any, copy: Any, scorp_gen: Any) -> None:
    assert json.loads(scorp_gen("verify", made("idx"), "--workers", 2, "--json").stdout)["count"] == 60
    flip_one_pixel(copy("idx"), "idx")
    result = scorp_gen("verify", "set", "--workers", 2)
    assert (result.returncode, result.stdout) == (1, b"")
    assert b"picture 57 of train-images-idx3-ubyte has other pixels" in result.stderr


def test_a_changed_label_or_style_is_found(copy: Any, complaint: Any) -> None:
    folder = copy("folder")
    table = (folder / "metadata.csv").read_text()
    (folder / "metadata.csv").write_text(table.replace("3/00000013.png,3,", "3/00000013.png,5,"))
    assert "3/00000013.png has the label 5, not 3" in complaint()
    (folder / "metadata.csv").write_text(table[: table.rindex(",")] + ",5\n")
    assert "9/00000059.png has the width 5.0, not " in complaint()


def test_a_swapped_label_in_idx_is_found(copy: Any, complaint: Any) -> None:
    path = copy("idx") / "train-labels-idx1-ubyte"
    data = bytearray(path.read_bytes())
    data[-1] = 0
    path.write_bytes(data)
    assert "picture 59 of train-images-idx3-ubyte has the label 0, not 9" in complaint()


@pytest.mark.fault(
    "scorp-gen verify", "a file missing, cut or garbage, in every format", "exit 1, one line that names it"
)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("damage", ["missing", "cut", "garbage"])
def test_missing_and_damaged_files_are_one_line(copy: Any, complaint: Any, form: str, damage: str) -> None:
    folder = copy(form)
    names = {"folder": "3/00000033.png", "idx": "train-images-idx3-ubyte"}
    path = folder / names.get(form, f"train-00001-of-00003.{form}")
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "garbage":
            path.write_bytes(b"\x00\xff" * 300)
    assert path.name in complaint()


def test_pictures_too_few_or_too_many_are_found(copy: Any, complaint: Any) -> None:
    folder = copy("folder")
    table = (folder / "metadata.csv").read_text()
    (folder / "metadata.csv").write_text(table[: table.rindex("9/")])
    assert "image 19 of shard 2 is missing" in complaint()
    (folder / "metadata.csv").write_text(table)
    shutil.copy(folder / "9" / "00000059.png", folder / "9" / "more.png")
    assert "set has 61 PNG files in the folders of its classes, not 60" in complaint()


@pytest.mark.fault("scorp-gen verify", "a shard too many", "exit 1, named")
def test_an_added_shard_is_found(copy: Any, complaint: Any) -> None:
    folder = copy("npz")
    shutil.copy(folder / "train-00002-of-00003.npz", folder / "train-00003-of-00003.npz")
    assert "set has train-00003-of-00003.npz, which is none of its shards" in complaint()


@pytest.mark.fault(
    "scorp-gen verify", "a provenance that is cut, empty, edited or missing", "exit 1, one line"
)
def test_the_provenance_itself_is_checked(copy: Any, complaint: Any, scorp_gen: Any, tmp_path: Path) -> None:
    path = copy("npz") / "provenance.json"
    said = json.loads(path.read_text())
    said["shards"][2]["pixels_sha256"] = "0" * 64
    path.write_text(json.dumps(said))
    assert "another checksum for the images of shard 2" in complaint()
    for damage in (
        "",
        "[]",
        "{}",
        path.read_text()[:-40],
        path.read_text().replace('"shards": 3', '"shards": 0'),
    ):
        path.write_text(damage)
        assert "cannot read set/provenance.json" in complaint()
    path.unlink()
    assert "cannot read set/provenance.json" in complaint()


@pytest.mark.fault("scorp-gen verify", "another model than made it", "exit 3, one line")
def test_another_model_is_refused(copy: Any, scorp_gen: Any) -> None:
    copy("npz")
    result = scorp_gen("verify", "set", model=None)
    assert result.returncode == 3
    assert b"tiny.onnx" in result.stderr
    result = scorp_gen("verify", "set", "--model", "digits", model=None)
    assert result.returncode == 3
    assert b"another model than digits" in result.stderr


def test_the_writer_is_read_back_and_verified(scorp_gen: Any, tmp_path: Path) -> None:
    writer = 2**64 - 1
    for form in ("folder", "npz", "tar", "parquet"):
        words = ["0-9", f"{form}/", "-n", 20, "-s", 1, "--writer", writer, "--noise", 1, "--format", form]
        assert scorp_gen(*words).returncode == 0
        assert scorp_gen("verify", form).returncode == 0
    table = tmp_path / "folder" / "metadata.csv"
    head, row = table.read_text().splitlines()[:2]
    assert dict(zip(head.split(","), row.split(","), strict=True))["writer"] == str(writer)
    with Image.open(tmp_path / "folder" / "0" / "00000000.png") as picture:
        said = json.loads(picture.info["scorp"])
    assert (said["writer"], said["presentation"]) == (str(writer), {"noise": 1})
    table.write_text(table.read_text().replace(str(writer), "12"))
    result = scorp_gen("verify", "folder")
    assert result.returncode == 1
    assert b"has the writer 12, not 18446744073709551615" in result.stderr


def test_inverted_and_scaled_pictures_are_verified_as_they_are(scorp_gen: Any) -> None:
    words = ["0-9", "set/", "-n", 30, "-s", 1, "--invert", "--scale", 3, "--format", "tar"]
    assert scorp_gen(*words).returncode == 0
    assert scorp_gen("verify", "set").returncode == 0


@pytest.mark.fault("scorp-gen verify", "a picture added to IDX files", "exit 1")
def test_a_picture_added_to_idx_is_found(copy: Any, complaint: Any) -> None:
    folder = copy("idx")
    images, labels = (folder / f"train-{name}-ubyte" for name in ("images-idx3", "labels-idx1"))
    for path, size in ((images, 120), (labels, 1)):
        data = path.read_bytes()
        path.write_bytes(data[:4] + (61).to_bytes(4, "big") + data[8:] + bytes(size))
    assert "train-images-idx3-ubyte holds more than 60 pictures" in complaint()

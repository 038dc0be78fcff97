"""`scorp-gen verify` finds every difference between the files of a dataset and what its manifest describes."""

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

from scorp_runtime.cli.main import main

IMAGES = ["0-9", "-n", "60", "--seed", "1"]
PAGES = ["text", "20 -1", "3,5", "-n", "11", "--seed", "4", "--start", "95", "--size", "20"]
LINE = ["text", "--pattern=20 -1[23]", "--invert"]
COMMANDS = {form: [*IMAGES, "--format", form] for form in ("folder", "idx", "npz", "tar", "parquet")}
COMMANDS |= {f"{form} of pages": [*PAGES, "--format", form] for form in ("pages", "tar", "parquet")}
LABELS = {
    "imagefolder": "metadata.jsonl",
    "paddleocr": "rec_gt.txt",
    "dtrb": "gt.txt",
    "tesseract": "lines.txt",
}
COMMANDS |= {f"{form} of pages": [*LINE, *PAGES[3:], "--format", form] for form in LABELS}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, tiny_path: Path) -> Callable[[str], Path]:
    """Makes a dataset of 60 images or 11 pages in 3 shards, once per format."""
    root = tmp_path_factory.mktemp("made")

    def make(name: str) -> Path:
        if not (root / name).exists():
            what, *options = COMMANDS[name]
            texts = options[:2] if what == "text" else []
            words = [what, *texts, f"{root / name}/", *options[len(texts) :], "--shards", "3"]
            assert main([*words, "--model", str(tiny_path)]) == 0
        return root / name

    return make


@pytest.fixture
def copy(dataset: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(dataset(name), tmp_path / "set"))


def flip_png(data: bytes) -> bytes:
    pixels = np.array(Image.open(io.BytesIO(data)))
    pixels[5, 5] ^= 1
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def change_last_shard(folder: Path, name: str, change_png: Any, change_fields: Any) -> None:
    """Changes image 57 or page 103 in a shard in tar or Parquet."""
    if name.startswith("tar"):
        path = folder / "train-00002-of-00003.tar"
        with tarfile.open(path) as archive:
            entries = [(entry, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
        with tarfile.open(path, "w") as archive:
            for entry, data in entries:
                if entry.name in ("00000057.png", "00000103.png"):
                    data = change_png(data)
                if entry.name in ("00000057.json", "00000103.json"):
                    data = json.dumps(change_fields(json.loads(data))).encode()
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return
    import pyarrow
    from pyarrow.parquet import read_table, write_table

    path = folder / "train-00002-of-00003.parquet"
    table = read_table(path)
    rows = table.to_pylist()
    number = next(number for number, row in enumerate(rows) if row["index"] in (57, 103))
    rows[number]["image"]["bytes"] = change_png(rows[number]["image"]["bytes"])
    rows[number] = change_fields(rows[number])
    write_table(pyarrow.Table.from_pylist(rows, table.schema), path)


def flip_one_pixel(folder: Path, name: str) -> None:
    """Flips the lowest bit of one pixel of image 57 or page 103."""
    match name:
        case "folder":
            path = folder / "7/00000057.png"
            path.write_bytes(flip_png(path.read_bytes()))
        case "idx":
            data = bytearray((folder / "train-images-idx3-ubyte").read_bytes())
            data[16 + 57 * 120 + 55] ^= 1
            (folder / "train-images-idx3-ubyte").write_bytes(data)
        case "npz":
            arrays = dict(np.load(folder / "train-00002-of-00003.npz"))
            arrays["images"][17, 5, 5] ^= 1
            np.savez(folder / "train-00002-of-00003.npz", **arrays)
        case _ if (path := folder / "00000103.png").exists():
            path.write_bytes(flip_png(path.read_bytes()))
        case _:
            change_last_shard(folder, name, flip_png, lambda fields: fields)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unchanged_dataset_passes(dataset: Any, made: Any, name: str) -> None:
    result = made("verify", dataset(name))
    assert result.stderr == b""
    assert ("11 pages" if "pages" in name else "60 images") in result.stdout.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_one_changed_pixel_is_found(copy: Any, fails: Any, name: str) -> None:
    flip_one_pixel(copy(name), name)
    assert ("page 103 of seed 4" if "pages" in name else "image 57 of seed 1") in fails(1, "verify", "set")


def test_several_workers_verify(dataset: Any, copy: Any, scorp_gen: Any, fails: Any) -> None:
    assert json.loads(scorp_gen("verify", dataset("idx"), "--workers", 2, "--json").stdout)["count"] == 60
    flip_one_pixel(copy("idx"), "idx")
    assert "image 57 of train-images-idx3-ubyte" in fails(1, "verify", "set", "--workers", 2)


@pytest.mark.parametrize("name", ["tar of pages", "parquet of pages"])
def test_a_changed_text_or_box_is_found(copy: Any, fails: Any, name: str) -> None:
    folder = copy(name)
    change_last_shard(folder, name, bytes, lambda fields: fields | {"text": "20 -1\n3.5"})
    assert "text 20 -1" in fails(1, "verify", "set")
    change_last_shard(folder, name, bytes, lambda fields: fields | {"text": "20 -1\n3,5"})

    def widen(fields: Any) -> Any:
        fields["objects"]["bbox"][2][2] += 1
        return fields

    change_last_shard(folder, name, bytes, widen)
    assert "objects" in fails(1, "verify", "set")


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "named"),
    [
        ("folder", "metadata.csv", "/00000013.png,3,", "/00000013.png,5,", "label 5, not 3"),
        ("folder", "metadata.csv", "3/00000013.png,3,1,13,", "3/00000013.png,3,1,13,9", "thickness"),
        ("pages", "metadata.csv", "00000103.png,", "00000102.png,", "00000103.png in boxes.csv"),
        ("pages", "metadata.csv", '103.png,"20 -1', '103.png,"21 -1', "00000103.png has the text 21 -1"),
        ("pages", "metadata.csv", "file_name,text,", "file_name,word,", "metadata.csv"),
        ("pages", "boxes.csv", "00000103.png,4,1,0,", "00000103.png,4,7,0,", "00000103.box"),
        ("pages", "boxes.csv", "00000103.png,4,1,0,", "00000103.png,4,x,0,", "boxes.csv"),
        ("pages", "boxes.csv", "00000103.png,4,1,0,", "00000103.png,4,1,1,", "00000103.png has the objects"),
        ("pages", "00000103.box", "1 ", "2 ", "00000103.box"),
        ("pages", "coco.json", '"image_id": 9,', '"image_id": 8,', "coco.json"),
    ],
)
def test_a_changed_table_is_found(
    copy: Any, fails: Any, name: str, file: str, old: str, new: str, named: str
) -> None:
    path = copy("pages of pages" if name == "pages" else name) / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert named in fails(1, "verify", "set")


@pytest.mark.parametrize(("form", "file"), LABELS.items())
def test_a_changed_label_file_is_found(copy: Any, fails: Any, form: str, file: str) -> None:
    folder = copy(f"{form} of pages")
    path = folder / file
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    changes = [
        (before.replace(b"20 -1", b"21 -1", 1), "00000095."),
        (b"".join([*lines[1:], lines[0]]), "00000096.png"),
        (b"".join([lines[0], *lines]), "00000095.png"),
        (b"".join(lines[:-1]), "page 3 of shard 2 is missing"),
        (before + lines[-1], f"{file} 12 lines"),
        (before.replace(b"00000095.png", b"../x.png", 1), "not a file in the folder"),
        (b"\xff" + before, file),
        (b"7\n" + before, file),
    ]
    for content, named in changes:
        path.write_bytes(content)
        assert named in fails(1, "verify", "set")
    path.unlink()
    assert file in fails(1, "verify", "set")


def test_a_changed_text_beside_an_image_is_found(copy: Any, fails: Any) -> None:
    path = copy("tesseract of pages") / "00000103.gt.txt"
    path.write_text("7\n")
    assert "00000103.gt.txt and lines.txt" in fails(1, "verify", "set")
    path.unlink()
    assert "00000103.gt.txt" in fails(1, "verify", "set")


def test_a_changed_label_in_idx_is_found(copy: Any, fails: Any) -> None:
    path = copy("idx") / "train-labels-idx1-ubyte"
    data = bytearray(path.read_bytes())
    data[-1] = 0
    path.write_bytes(data)
    assert "image 59 of train-images-idx3-ubyte has the label 0, not 9" in fails(1, "verify", "set")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("folder", "3/00000033.png"),
        ("idx", "train-images-idx3-ubyte"),
        *((form, f"train-00001-of-00003.{form}") for form in ("npz", "tar", "parquet")),
        *(("pages of pages", file) for file in ("00000100.png", "00000100.box", "metadata.csv", "boxes.csv")),
        ("pages of pages", "coco.json"),
    ],
)
@pytest.mark.parametrize("damage", ["missing", "cut", "garbage"])
def test_missing_and_damaged_files_are_named(
    copy: Any, fails: Any, name: str, file: str, damage: str
) -> None:
    path = copy(name) / file
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "garbage":
            path.write_bytes(b"\x00\xff" * 300)
    line = fails(1, "verify", "set")
    assert path.name in line or "is missing" in line


def test_missing_and_additional_samples_are_found(copy: Any, fails: Any, tmp_path: Path) -> None:
    folder = copy("folder")
    table = (folder / "metadata.csv").read_text()
    (folder / "metadata.csv").write_text(table[: table.rindex("9/")])
    assert "image 19 of shard 2" in fails(1, "verify", "set")
    (folder / "metadata.csv").write_text(table)
    shutil.copy(folder / "9" / "00000059.png", folder / "9" / "more.png")
    assert "61 PNG files" in fails(1, "verify", "set")
    shutil.rmtree(folder)
    copy("pages of pages")
    shutil.copy(folder / "00000100.png", folder / "00000106.png")
    assert "12 PNG files" in fails(1, "verify", "set")
    shutil.rmtree(folder)
    copy("npz")
    shutil.copy(folder / "train-00002-of-00003.npz", folder / "train-00003-of-00003.npz")
    assert "train-00003-of-00003.npz" in fails(1, "verify", "set")
    shutil.rmtree(folder)
    copy("idx")
    for file, size in (("train-images-idx3-ubyte", 120), ("train-labels-idx1-ubyte", 1)):
        data = (folder / file).read_bytes()
        (folder / file).write_bytes(data[:4] + (61).to_bytes(4, "big") + data[8:] + bytes(size))
        if file == "train-images-idx3-ubyte":
            assert "different counts" in fails(1, "verify", "set")
    assert "train-images-idx3-ubyte has more than 60 images" in fails(1, "verify", "set")


def test_a_damaged_manifest_is_named(copy: Any, fails: Any) -> None:
    path = copy("npz") / "provenance.json"
    document = json.loads(path.read_text())
    document["shards"][2]["pixels_sha256"] = "0" * 64
    path.write_text(json.dumps(document))
    assert "shard 2" in fails(1, "verify", "set")
    content = path.read_text()
    for damage in ("", "[]", "{}", content[:-40]):
        path.write_text(damage)
        assert "set/provenance.json" in fails(1, "verify", "set")
    path.unlink()
    assert "set/provenance.json" in fails(1, "verify", "set")


def test_another_model_is_refused(copy: Any, fails: Any) -> None:
    copy("npz")
    assert "tiny.onnx" in fails(3, "verify", "set", model=None)
    assert "another model" in fails(3, "verify", "set", model="digits")


@pytest.mark.parametrize("form", ["folder", "npz", "tar", "parquet"])
def test_writer_effects_and_inversion_are_verified(made: Any, fails: Any, tmp_path: Path, form: str) -> None:
    writer = 2**64 - 1
    words = ["0-9", "set/", "-n", 20, "-s", 1, "--writer", writer, "--noise", 1, "--invert", "--format", form]
    made(*words, *([] if form == "npz" else ["--scale", 3]))
    made("verify", "set")
    if form == "folder":
        table = tmp_path / "set" / "metadata.csv"
        table.write_text(table.read_text().replace(str(writer), "12"))
        assert f"writer 12, not {writer}" in fails(1, "verify", "set")

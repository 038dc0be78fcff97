"""Data that cannot be trained on gives one line and exit code 1, and no run folder."""

import gzip
import io
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scorp_train.cli.train import main
from scorp_train.data import Dataset, Split, idx, registry
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES


def noise(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)


def idx_files(folder: Path) -> None:
    """Write good data: ten classes of twelve images."""
    for name in FILES:
        array = noise(120) if "images" in name else np.arange(120, dtype=np.uint8) % 10
        (folder / name).write_bytes(format_idx(array))


def replaced(name: str, content: bytes | Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Good data with one file replaced."""

    def make(folder: Path) -> None:
        idx_files(folder)
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content(path.read_bytes()))

    return make


def labelled(change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Callable[[Path], None]:
    return replaced(LABELS, lambda data: format_idx(change(idx.parse_idx(data, 1))))


def few_test_images(folder: Path) -> None:
    idx_files(folder)
    (folder / TEST_IMAGES).write_bytes(format_idx(noise(5)))
    (folder / TEST_LABELS).write_bytes(format_idx(np.arange(5, dtype=np.uint8)))


def folders_for_files(folder: Path) -> None:
    for name in FILES:
        (folder / name).mkdir()


def image_folder(folder: Path) -> None:
    """Write good data: one class of 40 images."""
    (folder / "3").mkdir()
    for number, image in enumerate(noise(40)):
        Image.fromarray(image // 3).save(folder / "3" / f"{number:02d}.png")


def with_file(content: bytes, name: str = "bad.png") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        image_folder(folder)
        (folder / "3" / name).write_bytes(content)

    return make


def with_pipe(folder: Path) -> None:
    image_folder(folder)
    os.mkfifo(folder / "3" / "bad.png")


def png(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def header(*lengths: int, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(lengths)}I", 0, kind, len(lengths), *lengths)


HUGE = struct.pack(">II", 60_000, 60_000)
BOMB = png(Image.new("L", (8, 8)))[:16] + HUGE + png(Image.new("L", (8, 8)))[24:]
# What the error has to name: the file, the class or the number that is wrong.
WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty folder": (lambda folder: None, IMAGES),
    "folders named like IDX files": (folders_for_files, "data"),
    "empty IDX": (replaced(IMAGES, b""), IMAGES),
    "IDX of two dimensions": (replaced(IMAGES, header(28, 28) + bytes(784)), IMAGES),
    "IDX a byte too short": (replaced(IMAGES, lambda data: data[:-1]), "94079"),
    "IDX of 2^96 bytes": (
        replaced(IMAGES, header(2**32 - 1, 2**32 - 1, 2**32 - 1)),
        "79228162458924105385300197375",
    ),
    "IDX images of 32 x 32": (replaced(IMAGES, header(120, 32, 32) + bytes(120 * 1024)), "(32, 32)"),
    "fewer labels than images": (labelled(lambda labels: labels[:-1]), "119"),
    "class without training images": (
        labelled(lambda labels: np.where(labels == 9, 8, labels).astype(np.uint8)),
        "'9'",
    ),
    "class of 9 training images": (
        labelled(lambda labels: np.append(np.where(labels == 9, 8, labels)[9:], [9] * 9).astype(np.uint8)),
        "9 training",
    ),
    "5 test images": (few_test_images, "5 test"),
    "truncated gzip": (replaced(IMAGES, lambda data: gzip.compress(data)[:-9]), IMAGES),
    "gzip bomb": (replaced(IMAGES, gzip.compress(bytes(2_000_000))), "1000000"),
    "class names that are not text": (replaced("classes.txt", b"\xff\xfe"), "classes.txt"),
    "empty image": (with_file(b""), "bad.png"),
    "truncated image": (with_file(png(Image.fromarray(noise(1)[0]))[:-300]), "bad.png"),
    "image of 60,000 x 60,000 pixels in 70 bytes": (with_file(BOMB), "bad.png"),
    "image of 6,000 x 6,000 pixels": (with_file(png(Image.new("L", (6000, 6000)))), "6000 x 6000"),
    "blank image": (with_file(png(Image.new("L", (40, 40), 9))), "bad.png"),
    "pipe named like an image": (with_pipe, "bad.png"),
}


def refused(data: str, runs: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line of a training that cannot start."""
    assert main(["--data", data, "--runs", str(runs), "--network", "dense", "--epochs", "1"]) == 1
    output, error = capsys.readouterr()
    (line,) = error.splitlines()
    assert output == ""
    assert not runs.exists()
    return line


@pytest.mark.parametrize("case", WRONG)
def test_wrong_data_is_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(idx, "_MOST_BYTES", 1_000_000)
    make, named = WRONG[case]
    data = tmp_path / "data"
    data.mkdir()
    make(data)
    line = refused(str(data), tmp_path / "runs", capsys)
    assert named in line
    assert "--debug" not in line


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.write_bytes(b"a file"),
        lambda path: path.symlink_to(path.name),
        lambda path: path.mkdir(mode=0),
    ],
    ids=["missing", "file", "link to itself", "unreadable"],
)
def test_path_without_data_is_one_line(
    make: Callable[[Path], object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    make(data)
    if data.is_dir() and os.geteuid() == 0:
        pytest.skip("root may read everything")
    assert str(data) in refused(str(data), tmp_path / "runs", capsys)


def test_equal_images_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in FILES:
        array = np.repeat(noise(1), 20, 0) if "images" in name else np.zeros(20, np.uint8)
        (data / name).write_bytes(format_idx(array))
    assert main(["--data", str(data), "--runs", str(tmp_path / "runs"), "--epochs", "1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "thickness" in line


def test_classes_that_a_model_cannot_name_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    split = Split(noise(40), np.arange(40) % 4)
    odd = Dataset("odd", ("a", "a/b", "b", "all"), split, split, "none")
    monkeypatch.setitem(registry._BUILT_IN, "odd", lambda: odd)
    assert main(["--data", "odd", "--runs", str(tmp_path / "runs"), "--model", "vae", "--epochs", "1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("cannot name: a/b all")

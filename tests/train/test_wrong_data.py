"""Data that cannot be trained on is one line and exit code 1, before there is a run folder."""

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
from scorp_train.data import idx
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES


def noise(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)


def idx_files(folder: Path) -> None:
    """Data that could be trained on: ten classes of twelve pictures."""
    for name in FILES:
        array = noise(120) if "images" in name else np.arange(120, dtype=np.uint8) % 10
        (folder / name).write_bytes(format_idx(array))


def replaced(name: str, content: bytes | Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Good data but for one file."""

    def make(folder: Path) -> None:
        idx_files(folder)
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content(path.read_bytes()))

    return make


def labelled(change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Callable[[Path], None]:
    return replaced(LABELS, lambda data: format_idx(change(idx.parse_idx(data, 1))))


def few_tests(folder: Path) -> None:
    idx_files(folder)
    (folder / TEST_IMAGES).write_bytes(format_idx(noise(5)))
    (folder / TEST_LABELS).write_bytes(format_idx(np.arange(5, dtype=np.uint8)))


def folders_for_files(folder: Path) -> None:
    for name in FILES:
        (folder / name).mkdir()


def pictures(folder: Path) -> None:
    """Data that could be trained on: one class of 40 pictures."""
    (folder / "3").mkdir()
    for number, image in enumerate(noise(40)):
        Image.fromarray(image // 3).save(folder / "3" / f"{number:02d}.png")


def with_file(content: bytes, name: str = "bad.png") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        pictures(folder)
        (folder / "3" / name).write_bytes(content)

    return make


def with_pipe(folder: Path) -> None:
    pictures(folder)
    os.mkfifo(folder / "3" / "bad.png")


def with_loop(folder: Path) -> None:
    pictures(folder)
    (folder / "3" / "bad.png").symlink_to("bad.png")


def with_folder(folder: Path) -> None:
    pictures(folder)
    (folder / "3" / "bad.png").mkdir()


def png(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def header(*lengths: int, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(lengths)}I", 0, kind, len(lengths), *lengths)


HUGE = struct.pack(">II", 60_000, 60_000)
BOMB = png(Image.new("L", (8, 8)))[:16] + HUGE + png(Image.new("L", (8, 8)))[24:]
WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "an empty folder": (lambda folder: None, "has no train-images-idx3-ubyte"),
    "folders under the names of the files": (folders_for_files, "holds no images"),
    "IDX that is empty": (replaced(IMAGES, b""), "0 bytes are fewer than the 16 of its header"),
    "IDX with another magic number": (
        replaced(IMAGES, b"\x89PNG" + bytes(20)),
        "not an IDX file of 3-dimensional unsigned bytes: it starts with 89504e47",
    ),
    "IDX of floats": (replaced(IMAGES, header(1, 28, 28, kind=13) + bytes(4 * 784)), "unsigned bytes"),
    "IDX of two dimensions": (replaced(IMAGES, header(28, 28) + bytes(784)), "not an IDX file of 3-dim"),
    "IDX with a byte too few": (
        replaced(IMAGES, lambda data: data[:-1]),
        "the header promises 94080 bytes, 94079",
    ),
    "IDX with a byte too many": (
        replaced(IMAGES, lambda data: data + b"x"),
        "the header promises 94080 bytes",
    ),
    "IDX that promises 2^96 bytes": (
        replaced(IMAGES, header(2**32 - 1, 2**32 - 1, 2**32 - 1)),
        "the header promises 79228162458924105385300197375 bytes, 0 are there",
    ),
    "IDX of pictures of 32 x 32": (
        replaced(IMAGES, header(120, 32, 32) + bytes(120 * 1024)),
        "has pictures of (32, 32), not (28, 28)",
    ),
    "IDX files of 120 pictures and 119 labels": (labelled(lambda labels: labels[:-1]), "120 pictures"),
    "a class without a training picture": (
        labelled(lambda labels: np.where(labels == 9, 8, labels).astype(np.uint8)),
        "has 0 training pictures of class '9'; at least 10 of each class are needed",
    ),
    "a class of 9 training pictures": (
        labelled(lambda labels: np.append(np.where(labels == 9, 8, labels)[9:], [9] * 9).astype(np.uint8)),
        "has 9 training pictures of class '9'",
    ),
    "5 test pictures": (few_tests, "has 5 test pictures; at least 6 are needed"),
    "a gzipped file cut short": (
        replaced(IMAGES, lambda data: gzip.compress(data)[:-9]),
        "Compressed file ended before the end-of-stream marker",
    ),
    "a gzipped file that unzips without end": (
        replaced(IMAGES, gzip.compress(bytes(2_000_000))),
        "it unzips to more than 1000000 bytes",
    ),
    "names of classes that are no text": (replaced("classes.txt", b"\xff\xfe"), "classes.txt is no text"),
    "a picture that is empty": (with_file(b""), "bad.png (no readable picture)"),
    "a picture cut short": (
        with_file(png(Image.fromarray(noise(1)[0]))[:-300]),
        "bad.png (no readable picture)",
    ),
    "a program named as a picture": (with_file(b"\x7fELF" + bytes(100)), "bad.png (no readable picture)"),
    "a picture of 60,000 x 60,000 pixels in 70 bytes": (with_file(BOMB), "bad.png (no readable picture)"),
    "a picture of 6,000 x 6,000 pixels": (
        with_file(png(Image.new("L", (6000, 6000)))),
        "bad.png (too large: 6000 x 6000 pixels",
    ),
    "a blank picture": (with_file(png(Image.new("L", (40, 40), 9))), "bad.png (blank"),
    "a pipe named as a picture": (with_pipe, "bad.png (no readable picture)"),
    "a link to itself named as a picture": (with_loop, "bad.png (no readable picture)"),
    "a folder named as a picture": (with_folder, "bad.png (no readable picture)"),
}
CASES = [
    pytest.param(case, marks=pytest.mark.fault("Data of `--data DIR`", case, f"exit 1: {message}"))
    for case, (_, message) in WRONG.items()
]


def refused(words: list[str], runs: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The line that a training says which cannot begin."""
    assert main([*words, "--runs", str(runs), "--model", "dense", "--epochs", "1"]) == 1
    output, error = capsys.readouterr()
    (line,) = error.splitlines()
    assert output == ""
    assert not runs.exists()
    return line


@pytest.mark.parametrize("case", CASES)
def test_data_that_cannot_be_trained_on(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(idx, "_MOST_BYTES", 1_000_000)
    make, message = WRONG[case]
    data = tmp_path / "data"
    data.mkdir()
    make(data)
    line = refused(["--data", str(data)], tmp_path / "runs", capsys)
    assert message in line
    assert "--debug" not in line


def link_to_itself(path: Path) -> str:
    path.symlink_to(path.name)
    return str(path)


def a_file(path: Path) -> str:
    path.write_bytes(b"a file")
    return str(path)


PLACES: dict[str, tuple[Callable[[Path], str], str]] = {
    "a folder that is not there": (str, "neither a directory nor one of emnist-balanced"),
    "a file": (a_file, "neither a directory nor one of emnist-balanced"),
    "a link to itself": (link_to_itself, "neither a directory nor one of emnist-balanced"),
    "a path of 5,000 characters": (lambda path: str(path) + "x" * 5000, "File name too long"),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.fault("Data of `--data DIR`", case, f"exit 1: {message}"))
        for case, (_, message) in PLACES.items()
    ],
)
def test_a_place_without_data(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, message = PLACES[case]
    assert message in refused(["--data", make(tmp_path / "data")], tmp_path / "runs", capsys)


@pytest.mark.fault("Data of `--data DIR`", "a folder that may not be read", "exit 1: Permission denied")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0)
    assert "Permission denied" in refused(["--data", str(data)], tmp_path / "runs", capsys)


@pytest.mark.fault(
    "Data of `--data DIR`", "pictures that are all the same", "exit 1: nothing can be learned of it"
)
def test_pictures_that_are_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in FILES:
        array = np.repeat(noise(1), 20, 0) if "images" in name else np.zeros(20, np.uint8)
        (data / name).write_bytes(format_idx(array))
    assert main(["--data", str(data), "--runs", str(tmp_path / "runs"), "--epochs", "1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing can be learned of it" in line

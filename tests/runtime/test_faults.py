"""Wrong values and damaged files: one line on stderr, the right exit code, and nothing lost."""

# ruff: noqa: RUF001 -- digits of other scripts are meant

import ctypes
import json
import os
import struct
import sys
import tarfile
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions of POSIX")

_DROP_CAPABILITY, _OVERRIDE, _SEARCH = 24, 1, 2
WORDS = ["0-9", "set/", "-n", "30", "-s", "1", "--format"]
PAGES = ["text", "12", "set/", "-n", "30", "-s", "1", "--format"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "word",
    [
        *("--count=18446744073709551616", "--count=١٠", "--count=３", "--count=²", "--count=1e3"),
        *("--count=nan", "--count=", "--seed=-1", "--seed=١", "--start=1.0", "--writer=²"),
        *("--thickness=nan", "--thickness=inf", "--thickness=٣", "--thickness=5..2", "--thickness=2..5..7"),
        *("--thickness=1e400", "--slant=", "--noise=6", "--size=1000000", "--background=256"),
    ],
)
def test_a_wrong_value_is_named(fails: Any, word: str) -> None:
    name, _, value = word.partition("=")
    line = fails(2, "7", "a.png", word)
    assert name.strip("-") in line or repr(value) in line
    assert value.removeprefix("-") in line or value == "1e400"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("target", ["loop.png", "loop/"])
def test_a_link_to_itself_is_not_written_to(fails: Any, target: str) -> None:
    Path(target).symlink_to(Path(target).name)
    assert "Too many levels of symbolic links" in fails(1, "7", target)
    assert Path(target).is_symlink()


@pytest.mark.parametrize("kind", ["file", "pipe"])
@pytest.mark.parametrize("more", ["", "--force", "--shards=1 --force", "--resume"])
def test_a_file_or_pipe_is_not_replaced_by_a_folder(fails: Any, kind: str, more: str) -> None:
    Path("a").touch() if kind == "file" else os.mkfifo("a")
    assert "cannot write a: " in fails(1, "7", "a/", *more.split())
    assert [path.name for path in Path().iterdir()] == ["a"]


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities of Linux")
@pytest.mark.parametrize("words", ["a.png", "r/", "r/a.png", "r/x/", "r/x/ --shards=1"])
def test_read_only_files_and_folders_stay(fails: Any, words: str) -> None:
    def drop() -> None:  # so that permissions apply, even to root
        for capability in (_OVERRIDE, _SEARCH):
            ctypes.CDLL(None).prctl(_DROP_CAPABILITY, capability, 0, 0, 0)

    Path("a.png").write_text("kept")
    Path("a.png").chmod(0o444)
    Path("r").mkdir(0o555)
    assert "Permission denied" in fails(1, "7", *words.split(), preexec_fn=drop)
    assert Path("a.png").read_text() == "kept"
    assert list(Path("r").iterdir()) == []


def test_a_private_folder_stays_private(made: Any) -> None:
    Path("a").mkdir(0o700)
    made("7", "a/")
    assert Path("a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["[" * 100_000, "{", "a pipe"], ids=["deep", "cut", "pipe"])
def test_a_damaged_spec_is_reported(made: Any, fails: Any, damage: str) -> None:
    made(*WORDS, "npz", "--shard", "1/3")
    spec = Path("set", ".begun", "spec.json")
    spec.unlink()
    os.mkfifo(spec) if damage == "a pipe" else spec.write_text(damage)
    assert "spec.json" in fails(1, *WORDS, "npz", "--shards", "3", "--resume")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("class_weights", "x"),
        ("scale", 10**30),
        ("what", "../../etc/passwd"),
        ("styles", {"thickness": "nan"}),
        ("seed", "-1"),
        ("count", True),
        ("format", "../x"),
        ("presentation", {"size": 10**9}),
    ],
)
def test_an_impossible_provenance_is_damaged(made: Any, fails: Any, field: str, value: Any) -> None:
    made(*WORDS, "npz")
    path = Path("set", "provenance.json")
    document = json.loads(path.read_text())
    document["spec"][field] = value
    path.write_text(json.dumps(document))
    assert "set/provenance.json" in fails(1, "verify", "set")


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("npz", "*.npz"),
        ("npz", "provenance.json"),
        ("idx", "*images*"),
        ("folder", "3/*.png"),
        ("folder", "metadata.csv"),
        ("pages", "*.box"),
    ],
)
def test_a_pipe_in_a_dataset_is_not_waited_for(made: Any, fails: Any, form: str, pattern: str) -> None:
    made(*(PAGES if form == "pages" else WORDS), form)
    victim = min(Path("set").glob(pattern))
    victim.unlink()
    os.mkfifo(victim)
    assert victim.name in fails(1, "verify", "set")


def test_a_parquet_file_that_unpacks_to_more_than_memory_is_refused(made: Any, fails: Any) -> None:
    import pyarrow
    from pyarrow import parquet

    made(*WORDS, "parquet")
    (path,) = Path("set").glob("*.parquet")
    table = parquet.read_table(path)
    images = pyarrow.array([{"bytes": bytes(1 << 23), "path": str(row)} for row in range(len(table))])
    table = table.set_column(table.schema.get_field_index("image"), "image", images)
    parquet.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 1e6
    pool = pyarrow.default_memory_pool()
    pyarrow.set_memory_pool(counting := pyarrow.proxy_memory_pool(pool))
    try:
        assert path.name in fails(1, "verify", "set")
    finally:
        pyarrow.set_memory_pool(pool)
    assert counting.max_memory() < 16e6


@pytest.mark.parametrize("name", ["images", "labels", "knobs"])
def test_an_archive_that_unzips_to_more_than_memory_is_refused(made: Any, fails: Any, name: str) -> None:
    made(*WORDS, "npz", "--shards", "1")
    (path,) = Path("set").glob("*.npz")
    np.savez_compressed(path, **{**np.load(path), name: np.zeros((1, 1 << 26), np.uint8)})
    assert path.stat().st_size < 1e5
    tracemalloc.start()
    assert path.name in fails(1, "verify", "set")
    assert tracemalloc.get_traced_memory()[1] < 16e6
    tracemalloc.stop()


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.REGTYPE])
def test_a_tar_file_with_giant_entries_is_refused(made: Any, fails: Any, kind: bytes) -> None:
    made(*WORDS, "tar", "--shards", "1")
    (path,) = Path("set").glob("*.tar")
    entry = tarfile.TarInfo("00000000.png")
    entry.type, entry.size = kind, 1 << (36 if kind == tarfile.REGTYPE else 26)
    with path.open("wb") as stream:
        stream.write(entry.tobuf(tarfile.GNU_FORMAT))
        stream.truncate(512 + entry.size)  # a hole
    assert "00000000.png" in fails(1, "verify", "set")


def test_a_header_of_giant_dimensions_is_refused(made: Any, fails: Any) -> None:
    made(*WORDS, "idx")
    path = Path("set", "train-images-idx3-ubyte")
    path.write_bytes(struct.pack(">HBB3I", 0, 8, 3, 30, 2**32 - 1, 2**32 - 1) + path.read_bytes()[16:])
    assert "train-images-idx3-ubyte" in fails(1, "verify", "set")


def test_a_png_file_in_colours_is_refused(made: Any, fails: Any) -> None:
    made(*WORDS, "folder")
    victim = min(Path("set").glob("3/*.png"))
    Image.open(victim).convert("RGBA").save(victim)
    assert f"3/{victim.name}" in fails(1, "verify", "set")


@pytest.mark.parametrize("content", [b"\xff\xfe\0", b"a" * 200_000], ids=["not UTF-8", "a giant field"])
def test_a_damaged_table_is_reported(made: Any, fails: Any, content: bytes) -> None:
    made(*WORDS, "folder")
    Path("set", "metadata.csv").write_bytes(content)
    assert "set" in fails(1, "verify", "set")


def test_a_png_file_of_giant_dimensions_is_refused(made: Any, fails: Any) -> None:
    made(*WORDS, "folder")
    victim = min(Path("set").glob("3/*.png"))
    data = victim.read_bytes()
    head = b"IHDR" + struct.pack(">II", 100_000, 100_000) + data[24:29]
    victim.write_bytes(data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:])
    assert victim.name in fails(1, "verify", "set")

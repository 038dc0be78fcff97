"""Wrong values and damaged files: one line on stderr, the right exit code, and nothing lost."""

# ruff: noqa: RUF001 -- digits of other scripts are meant

import ctypes
import json
import math
import os
import struct
import sys
import tarfile
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

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


@pytest.fixture
def made(scorp_gen: Any) -> Callable[..., None]:
    """Runs a command that must succeed."""

    def run(*words: str) -> None:
        result = scorp_gen(*words)
        assert result.returncode == 0, result.stderr

    return run


@pytest.mark.parametrize(
    "word",
    [
        *("--count=18446744073709551616", "--count=١٠", "--count=３", "--count=²", "--count=1e3"),
        *("--count=nan", "--count=", "--seed=-1", "--seed=١", "--start=1.0", "--writer=²"),
        *("--thickness=nan", "--thickness=inf", "--thickness=٣", "--thickness=5..2", "--thickness=2..5..7"),
        *("--thickness=1e400", "--slant=", "--noise=6", "--size=1000000", "--background=256"),
        *("--model=--", "--class-weights=--"),
    ],
)
def test_a_wrong_value_is_named(fails: Any, word: str) -> None:
    name, _, value = word.partition("=")
    line = fails(2, "7", "a.png", word)
    assert name.strip("-") in line or repr(value) in line
    assert value.removeprefix("-") in line or value == "1e400"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("value", ["x", "0", "-1", "1.5", "١", "9" * 5000])
def test_a_wrong_number_of_threads_in_the_environment_is_refused(
    fails: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SCORP_THREADS", value)
    assert "SCORP_THREADS" in fails(2, "7", "a.png")


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "ORT_INTRA_OP_NUM_THREADS"])
def test_wrong_values_in_variables_of_other_programs_are_ignored(
    made: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "9" * 5000)
    made("7", "a.png")


@pytest.mark.parametrize("target", ["loop.png", "loop/"])
def test_a_link_to_itself_is_not_written_to(fails: Any, target: str) -> None:
    Path(target).symlink_to(Path(target).name)
    assert "Too many levels of symbolic links" in fails(1, "7", target)
    assert Path(target).is_symlink()


@pytest.mark.parametrize("kind", ["file", "pipe"])
@pytest.mark.parametrize("more", ["", "--force", "--shards=1", "--shards=1 --force", "--resume"])
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


def test_the_current_folder_is_filled(made: Any) -> None:
    made("7", ".")
    assert Path("7", "00000000.png").is_file()
    made("verify", ".")


def test_a_folder_is_replaced_behind_a_link(made: Any) -> None:
    made("7", "a/")
    Path("link").symlink_to("a")
    made("3", "link/", "--shards=1", "--force")
    assert Path("a", "3").is_dir()
    assert not Path("a", "7").exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [("shard.json", ""), ("shard.json", "{}"), ("shard.json", None), ("train-00001-of-00003.npz", None)],
)
def test_a_damaged_shard_is_made_again(made: Any, file: str, content: str | None) -> None:
    made(*WORDS, "npz", "--shard", "1/3")
    path = Path("set", ".begun", "00001", file)
    path.unlink() if content is None else path.write_text(content)
    made(*WORDS, "npz", "--shards", "3", "--resume")
    made("verify", "set")


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
        ("class_weights", 0),
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
    ("words", "pattern"),
    [
        ([*WORDS, "npz"], "*.npz"),
        ([*WORDS, "npz"], "provenance.json"),
        ([*WORDS, "idx"], "*images*"),
        ([*WORDS, "folder"], "3/*.png"),
        ([*WORDS, "folder"], "metadata.csv"),
        (PAGES[:-1], "*.box"),
    ],
)
def test_a_pipe_in_a_dataset_is_not_waited_for(made: Any, fails: Any, words: list[str], pattern: str) -> None:
    made(*words)
    victim = min(Path("set").glob(pattern))
    victim.unlink()
    os.mkfifo(victim)
    assert victim.name in fails(1, "verify", "set")


def test_a_header_of_giant_dimensions_is_refused(made: Any, fails: Any) -> None:
    made(*WORDS, "idx")
    path = Path("set", "train-images-idx3-ubyte")
    path.write_bytes(struct.pack(">HBB3I", 0, 8, 3, 30, 2**32 - 1, 2**32 - 1) + path.read_bytes()[16:])
    assert "train-images-idx3-ubyte" in fails(1, "verify", "set")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """A test that allocates less than 16 MB at any time."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6


PARQUET: dict[str, tuple[str, Callable[[], Any], dict[str, Any]]] = {
    "100 kB that unpack to 256 MB": (
        "image",
        lambda: [{"bytes": bytes(1 << 23), "path": str(row)} for row in range(32)],
        {"compression": "zstd", "use_dictionary": False},
    ),
    "a row of 2^24 numbers": ("objects", lambda: [{"position": np.zeros(1 << 24, np.int32)}], {}),
    "large row groups": ("seed", lambda: np.zeros(5000, np.uint64), {}),
}


@pytest.mark.parametrize("case", PARQUET)
def test_a_parquet_file_that_unpacks_to_more_than_memory_is_refused(made: Any, fails: Any, case: str) -> None:
    import pyarrow
    from pyarrow import parquet

    column, values, how = PARQUET[case]
    made(*(PAGES if column == "objects" else WORDS), "parquet")
    (path,) = Path("set").glob("*.parquet")
    table = parquet.read_table(path)
    rows = pyarrow.array(values())
    table = table.slice(0, 1).take([0] * len(rows)) if len(rows) != len(table) else table
    table = table.set_column(table.schema.get_field_index(column), column, rows)
    parquet.write_table(table, path, **how)
    pool = pyarrow.default_memory_pool()
    pyarrow.set_memory_pool(counting := pyarrow.proxy_memory_pool(pool))
    try:
        assert path.name in fails(1, "verify", "set")
    finally:
        pyarrow.set_memory_pool(pool)
    assert counting.max_memory() < 16e6


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("images", (1, 1 << 13, 1 << 13)),
        ("labels", (1, 1 << 26)),
        ("knobs", (1 << 26,)),
        ("images", (1 << 16, 32, 32)),
    ],
)
def test_an_archive_that_unzips_to_more_than_memory_is_refused(
    made: Any, fails: Any, name: str, shape: tuple[int, ...]
) -> None:
    made(*WORDS, "npz", "--shards", "1")
    (path,) = Path("set").glob("*.npz")
    arrays = dict(np.load(path))
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as entry:
                if key != name:
                    np.lib.format.write_array(entry, array)
                    continue
                header = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(entry, header)
                for _ in range(math.prod(shape) >> 20):
                    entry.write(bytes(1 << 20))
    assert path.stat().st_size < 1e5
    assert path.name in fails(1, "verify", "set")


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE, tarfile.REGTYPE]
)
def test_a_tar_file_with_giant_entries_is_refused(made: Any, fails: Any, kind: bytes) -> None:
    made(*WORDS, "tar", "--shards", "1")
    (path,) = Path("set").glob("*.tar")
    entry = tarfile.TarInfo("00000000.png")
    entry.type, entry.size = kind, 1 << (36 if kind == tarfile.REGTYPE else 26)
    with path.open("wb") as stream:
        stream.write(entry.tobuf(tarfile.GNU_FORMAT))
        stream.truncate(512 + entry.size)  # a hole
    assert "00000000.png" in fails(1, "verify", "set")


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


@pytest.mark.parametrize("when", [2**33, 0], ids=["year 2242", "year 1970"])
def test_file_times_do_not_matter(made: Any, when: int) -> None:
    made(*WORDS, "npz", "--shard", "1/3")
    for path in Path("set").rglob("*"):
        os.utime(path, (when, when))
    made(*WORDS, "npz", "--shards", "3", "--resume")
    made("verify", "set")

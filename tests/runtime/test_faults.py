"""Faults of files, folders and values that nothing else tests: one line, the right exit code, nothing lost."""

# ruff: noqa: RUF001 -- digits of other scripts are meant

import ctypes
import json
import math
import os
import shutil
import struct
import sys
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from PIL import Image

from scorp_runtime.cli.main import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions of POSIX")

_DROP_CAPABILITY, _OVERRIDE, _SEARCH = 24, 1, 2
Fault = Any


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def refused(tiny_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command that fails, and returns its one line."""

    def run(code: int, *words: str) -> str:
        capsys.readouterr()
        assert main([*words, "--model", str(tiny_path)]) == code
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("scorp-gen: ")
        assert "--debug" not in line
        return line

    return run


@pytest.fixture
def made(tiny_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> None:
        assert main([*words, "--model", str(tiny_path)]) == 0
        capsys.readouterr()

    return run


def fault(where: str, wrong: str, happens: str, *values: Any) -> Any:
    return pytest.param(*values, marks=pytest.mark.fault(where, wrong, happens))


VALUES = [
    fault("scorp-gen WHAT", f"`{word}`", f"exit 2: {says}", word, says)
    for word, says in {
        "--count=18446744073709551616": "must be at most",
        "--count=١٠": "is not a whole number",
        "--count=３": "is not a whole number",
        "--count=²": "is not a whole number",
        "--count=1e3": "is not a whole number",
        "--count=nan": "is not a whole number",
        "--count=": "is not a whole number",
        "--seed=-1": "is not a whole number",
        "--seed=١": "is not a whole number",
        "--start=1.0": "is not a whole number",
        "--writer=²": "is not a whole number",
        "--thickness=nan": "is neither a number nor a range",
        "--thickness=inf": "is neither a number nor a range",
        "--thickness=1e400": "thickness inf is outside",
        "--thickness=٣": "is neither a number nor a range",
        "--thickness=5..2": "runs backwards",
        "--thickness=2..5..7": "is neither a number nor a range",
        "--slant=": "is neither a number nor a range",
        "--noise=6": "must be a whole number from 0 to 5",
        "--size=1000000": "must be a whole number from 4 to 1024",
        "--background=256": "must be a whole number from 0 to 255",
        "--model=--": "has no value",
        "--class-weights=--": "has no value",
    }.items()
]


@pytest.mark.parametrize(("word", "says"), VALUES)
def test_a_value_that_is_none_is_refused(refused: Any, word: str, says: str) -> None:
    assert says in refused(2, "7", "a.png", word)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "value",
    [
        fault("SCORP_THREADS", f"`{shown}`", "exit 2: a whole number from 1 to 1024 or 'auto'", value)
        for value, shown in {
            "x": "x",
            "0": "0",
            "-1": "-1",
            "1.5": "1.5",
            "١": "١",
            "9" * 5000: "9 5000 times",
        }.items()
    ],
)
def test_nonsense_in_the_variable_is_refused(refused: Any, monkeypatch: Any, value: str) -> None:
    monkeypatch.setenv("SCORP_THREADS", value)
    assert "SCORP_THREADS must be a whole number from 1 to 1024" in refused(2, "7", "a.png")


@pytest.mark.parametrize(
    "name",
    [
        fault("other variables", f"`{name}` of 5,000 digits", "passed over: it is not ours", name)
        for name in ("OMP_NUM_THREADS", "ORT_INTRA_OP_NUM_THREADS")
    ],
)
def test_nonsense_in_variables_of_others_is_passed_over(made: Any, monkeypatch: Any, name: str) -> None:
    monkeypatch.setenv(name, "9" * 5000)
    made("7", "a.png")


@pytest.mark.fault("scorp-gen WHAT", "a target that is a link to itself", "exit 1, the link stays")
@pytest.mark.parametrize("target", ["loop.png", "loop/"])
def test_a_link_to_itself_is_no_target(refused: Any, target: str) -> None:
    Path(target).symlink_to(Path(target).name)
    assert "Too many levels of symbolic links" in refused(1, "7", target)
    assert Path(target).is_symlink()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        fault(
            "scorp-gen WHAT",
            f"a {kind} where the folder is due, {words or 'no option'}",
            "exit 1, it stays",
            kind,
            words,
        )
        for kind in ("file", "pipe")
        for words in ("", "--force", "--shards=1", "--shards=1 --force", "--resume")
    ],
)
def test_what_is_no_folder_stays(refused: Any, kind: str, more: str) -> None:
    Path("a").touch() if kind == "file" else os.mkfifo("a")
    assert "cannot write a: it is a file, not a folder" in refused(1, "7", "a/", *more.split())
    assert [path.name for path in Path().iterdir()] == ["a"]


def _as_others(scorp_gen: Any, *words: str) -> Any:
    """Runs a command to which permissions apply, even as root."""

    def drop() -> None:
        for capability in (_OVERRIDE, _SEARCH):
            ctypes.CDLL(None).prctl(_DROP_CAPABILITY, capability, 0, 0, 0)

    return scorp_gen(*words, preexec_fn=drop)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities of Linux")
@pytest.mark.fault("scorp-gen WHAT", "a read-only file as the target", "exit 1, it stays as it was")
@pytest.mark.fault(
    "scorp-gen WHAT", "a read-only folder as the target, or around it", "exit 1, it stays empty"
)
def test_what_is_read_only_stays(scorp_gen: Any) -> None:
    Path("a.png").write_text("kept")
    Path("a.png").chmod(0o444)
    Path("r").mkdir(0o555)
    for words in (["a.png"], ["r/"], ["r/a.png"], ["r/x/"], ["r/x/", "--shards=1"]):
        result = _as_others(scorp_gen, "7", *words)
        assert (result.returncode, result.stderr.count(b"\n")) == (1, 1), words
        assert b"Permission denied" in result.stderr
    assert Path("a.png").read_text() == "kept"
    assert list(Path("r").iterdir()) == []


@pytest.mark.fault(
    "scorp-gen WHAT", "an empty folder of mode 700 as the target", "filled, and keeps its mode"
)
def test_a_private_folder_stays_private(made: Any) -> None:
    Path("a").mkdir(0o700)
    made("7", "a/")
    assert Path("a").stat().st_mode & 0o777 == 0o700


@pytest.mark.fault("scorp-gen WHAT", "the current folder as the target", "filled, and still the current one")
def test_the_current_folder_is_filled(made: Any) -> None:
    made("7", ".")
    assert Path("7", "00000000.png").is_file()
    made("verify", ".")


@pytest.mark.fault(
    "scorp-gen WHAT", "`--force --shards` through a link to a folder of ours", "replaced behind the link"
)
def test_a_folder_is_replaced_behind_a_link(made: Any) -> None:
    made("7", "a/")
    Path("link").symlink_to("a")
    made("3", "link/", "--shards=1", "--force")
    assert Path("a", "3").is_dir()
    assert not Path("a", "7").exists()


WORDS = ["0-9", "set/", "-n", "30", "-s", "1", "--format", "npz"]


@pytest.mark.parametrize(
    "damage",
    [
        fault("scorp-gen --resume", f"a finished shard whose {what}", "made again, exit 0, verified", what)
        for what in ("row is empty", "row is `{}`", "row is missing", "file is missing")
    ],
)
def test_a_damaged_shard_is_made_again(made: Any, damage: str) -> None:
    made(*WORDS, "--shard", "1/3")
    piece = Path("set", ".begun", "00001")
    match damage:
        case "row is empty":
            (piece / "shard.json").write_text("")
        case "row is `{}`":
            (piece / "shard.json").write_text("{}")
        case "row is missing":
            (piece / "shard.json").unlink()
        case _:
            (piece / "train-00001-of-00003.npz").unlink()
    made(*WORDS, "--shards", "3", "--resume")
    made("verify", "set")


@pytest.mark.parametrize(
    "damage",
    [
        fault("scorp-gen --resume", f"a spec that is {what}", "exit 1: cannot be read", what)
        for what in ("deep", "a pipe", "cut")
    ],
)
def test_a_damaged_spec_is_told(made: Any, refused: Any, damage: str) -> None:
    made(*WORDS, "--shard", "1/3")
    spec = Path("set", ".begun", "spec.json")
    spec.unlink()
    os.mkfifo(spec) if damage == "a pipe" else spec.write_text({"deep": "[" * 100_000, "cut": "{"}[damage])
    assert "spec.json cannot be read" in refused(1, *WORDS, "--shards", "3", "--resume")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        fault("scorp-gen verify", f"a provenance with `{field}` {value!r}", "exit 1: damaged", field, value)
        for field, value in [
            ("class_weights", 0),
            ("class_weights", "x"),
            ("scale", 10**30),
            ("what", "../../etc/passwd"),
            ("styles", {"thickness": "nan"}),
            ("seed", "-1"),
            ("count", True),
            ("format", "../x"),
            ("presentation", {"size": 10**9}),
        ]
    ],
)
def test_a_provenance_that_cannot_be_is_damaged(made: Any, refused: Any, field: str, value: Any) -> None:
    made(*WORDS)
    path = Path("set", "provenance.json")
    document = json.loads(path.read_text())
    document["spec"][field] = value
    path.write_text(json.dumps(document))
    assert "set/provenance.json" in refused(1, "verify", "set")


@pytest.mark.parametrize(
    ("form", "pattern", "says"),
    [
        fault("scorp-gen verify", f"a pipe in place of {name}", "exit 1, without waiting", *case)
        for name, case in {
            "a shard": ("npz", "*.npz", "not a file"),
            "an IDX file": ("idx", "*images*", "not a file"),
            "a picture": ("folder", "3/*.png", "is no file of the folder"),
            "the table of pictures": ("folder", "metadata.csv", "not a file"),
            "the provenance": ("npz", "provenance.json", "not a file"),
            "the boxes of a page": ("pages", "*.box", "not a file"),
        }.items()
    ],
)
def test_a_pipe_is_no_file_of_a_dataset(made: Any, refused: Any, form: str, pattern: str, says: str) -> None:
    pages = ["--text", "12", *WORDS[1:-2]]
    made(*pages if form == "pages" else [*WORDS[:-1], form])
    victim = min(Path("set").glob(pattern))
    victim.unlink()
    os.mkfifo(victim)
    assert says in refused(1, "verify", "set")


@pytest.mark.fault(
    "scorp-gen verify", "IDX headers that claim 2^96 pixels", "exit 1: damaged, no memory taken"
)
def test_a_header_of_giant_dimensions_is_refused(made: Any, refused: Any) -> None:
    made(*WORDS[:-1], "idx")
    path = Path("set", "train-images-idx3-ubyte")
    path.write_bytes(struct.pack(">HBB3I", 0, 8, 3, 30, 2**32 - 1, 2**32 - 1) + path.read_bytes()[16:])
    assert "train-images-idx3-ubyte is damaged: pictures of" in refused(1, "verify", "set")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """A test in which never more than 16 MB are taken."""
    tracemalloc.start()
    yield
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 16e6


@pytest.mark.usefixtures("little_memory")
def _parquet(column: str, values: Any, **how: Any) -> None:
    """Put a Parquet file in place of the shard, with one column that is not as it was."""
    import pyarrow
    from pyarrow import parquet

    (path,) = Path("set").glob("*.parquet")
    table = parquet.read_table(path)
    rows = pyarrow.array(values)
    table = table.slice(0, 1).take([0] * len(rows)) if len(rows) != len(table) else table
    table = table.set_column(table.schema.get_field_index(column), column, rows)
    parquet.write_table(table, path, **how)


@pytest.mark.parametrize(
    ("column", "values", "how", "says"),
    [
        fault("scorp-gen verify", f"a Parquet file {what}", "exit 1, before it is unpacked", *case)
        for what, case in {
            "of 100 kB that unpacks to 256 MB": (
                "image",
                lambda: [{"bytes": bytes(1 << 23), "path": str(row)} for row in range(32)],
                {"compression": "zstd", "use_dictionary": False},
                "unpacks to more than any",
            ),
            "with a row of 2^24 numbers": (
                "objects",
                lambda: [{"position": np.zeros(1 << 24, np.int32)}],
                {},
                "unpacks to more than any",
            ),
            "whose rows repeat a large value in lists": (
                "objects",
                lambda: [{"character": ["x" * (1 << 20)] * 1000}],
                {},
                "a list repeats large values",
            ),
            "with a large dictionary": (
                "image",
                lambda: [{"bytes": bytes(1 << 22), "path": "a"}] * 30,
                {"dictionary_pagesize_limit": 1 << 30},
                "a dictionary is larger than any",
            ),
            "in an encoding that repeats what stands before": (
                "image",
                lambda: [{"bytes": bytes(1 << 20), "path": str(row)} for row in range(30)],
                {"use_dictionary": False, "column_encoding": {"image.bytes": "DELTA_BYTE_ARRAY"}},
                "a page is not as any",
            ),
            "whose row groups are large": ("seed", lambda: np.zeros(5000, np.uint64), {}, "has 5000 rows"),
        }.items()
    ],
)
def test_a_parquet_file_that_unpacks_to_more_than_memory_is_refused(
    made: Any, refused: Any, column: str, values: Callable[[], Any], how: dict[str, Any], says: str
) -> None:
    pages = ["--text", "12", *WORDS[1:-1]]
    made(*(pages if column == "objects" else WORDS[:-1]), "parquet")
    _parquet(column, values(), **how)
    assert says in refused(1, "verify", "set")


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        fault("scorp-gen verify", f"an .npz file of 65 kB whose {what}", "exit 1, no memory taken", *case)
        for what, case in {
            "pictures unzip to 64 MB each": ("images", (1, 1 << 13, 1 << 13), "images holds no such array"),
            "labels unzip to 64 MB each": ("labels", (1, 1 << 26), "labels holds no such array"),
            "knobs unzip to 64 MB": ("knobs", (1 << 26,), "knobs holds no such array"),
            "pictures are too many, of 64 MB": ("images", (1 << 16, 32, 32), "picture 0 of"),
        }.items()
    ],
)
def test_an_archive_that_unzips_to_more_than_memory_is_refused(
    made: Any, refused: Any, name: str, shape: tuple[int, ...], says: str
) -> None:
    made(*WORDS, "--shards", "1")
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
    assert says in refused(1, "verify", "set")


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    ("kind", "says"),
    [
        fault("scorp-gen verify", f"a .tar file with {what}", "exit 1, no memory taken", *case)
        for what, case in {
            "64 MB of extended header": (tarfile.XHDTYPE, "is no file"),
            "a name of 64 MB": (tarfile.GNUTYPE_LONGNAME, "is no file"),
            "a sparse file": (tarfile.GNUTYPE_SPARSE, "is no file"),
            "a picture of 64 GB": (tarfile.REGTYPE, "has 68719476736 bytes"),
        }.items()
    ],
)
def test_a_tape_of_giant_entries_is_refused(made: Any, refused: Any, kind: bytes, says: str) -> None:
    made(*WORDS[:-1], "tar", "--shards", "1")
    (path,) = Path("set").glob("*.tar")
    entry = tarfile.TarInfo("00000000.png")
    entry.type, entry.size = kind, 1 << (36 if kind == tarfile.REGTYPE else 26)
    with path.open("wb") as stream:
        stream.write(entry.tobuf(tarfile.GNU_FORMAT))
        stream.truncate(512 + entry.size)  # a hole
    assert says in refused(1, "verify", "set")


@pytest.mark.fault("scorp-gen verify", "a PNG file that is not grey", "exit 1, named")
def test_a_picture_in_colours_is_refused(made: Any, refused: Any) -> None:
    made(*WORDS[:-1], "folder")
    victim = min(Path("set").glob("3/*.png"))
    Image.open(victim).convert("RGBA").save(victim)
    assert f"3/{victim.name}" in refused(1, "verify", "set")


@pytest.mark.fault("scorp-gen verify", "a table that is no UTF-8, or has a giant field", "exit 1: damaged")
def test_a_table_that_is_none_is_damaged(made: Any, refused: Any) -> None:
    made(*WORDS[:-1], "folder")
    table = Path("set", "metadata.csv")
    for content in (b"\xff\xfe\0", b"a" * 200_000):
        table.write_bytes(content)
        assert "cannot read set" in refused(1, "verify", "set")


@pytest.mark.fault("scorp-gen verify", "a PNG file that claims 10^10 pixels", "exit 1, no memory taken")
def test_a_picture_of_giant_dimensions_is_refused(made: Any, refused: Any) -> None:
    made(*WORDS[:-1], "folder")
    victim = min(Path("set").glob("3/*.png"))
    data = victim.read_bytes()
    head = b"IHDR" + struct.pack(">II", 100_000, 100_000) + data[24:29]
    import zlib

    victim.write_bytes(data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:])
    assert "10000000000 pixels" in refused(1, "verify", "set")


@pytest.mark.fault(
    "scorp-gen WHAT", "clocks that jump: files of the year 2242 and of 1970", "`--resume` goes on, exit 0"
)
def test_times_do_not_matter(made: Any) -> None:
    for when in (2**33, 0):
        made(*WORDS, "--shard", "1/3")
        for path in Path("set").rglob("*"):
            os.utime(path, (when, when))
        made(*WORDS, "--shards", "3", "--resume")
        made("verify", "set")
        shutil.rmtree("set")

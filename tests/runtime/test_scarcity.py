"""A process without streams, memory, threads, open files, workers or a current folder reports it and loses no data."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime.cli.process import run_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, /proc and names of any bytes")

SHARDED = ["0-9", "set/", "-n", "3000", "--seed", "1", "--shards", "3", "--workers", "2", "--format", "npz"]


def closing(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


def limited(what: str, most: int) -> Callable[[], None]:
    import resource

    return lambda: resource.setrlimit(getattr(resource, what), (most, most))


def test_messages_are_not_mixed_with_images_if_stderr_is_closed(scorp_gen: Any) -> None:
    words = ["7", "-", "--format", "npy", "-n", "3"]  # the message about the random seed is one of them
    muted = scorp_gen(*words, preexec_fn=closing(2))
    assert (muted.returncode, len(muted.stdout)) == (0, len(scorp_gen(*words).stdout))
    assert np.load(io.BytesIO(muted.stdout)).shape == (3, 12, 10)


def test_the_exit_code_is_right_if_stderr_is_closed_or_full(scorp_gen: Any) -> None:
    closed = scorp_gen("x", "a.png", preexec_fn=closing(2))
    with Path("/dev/full").open("wb") as full:
        filled = scorp_gen("x", "a.png", capture_output=False, stdout=subprocess.PIPE, stderr=full)
    assert [(run.returncode, run.stdout) for run in (closed, filled)] == [(2, b"")] * 2


def test_an_output_file_does_not_replace_a_closed_stream(scorp_gen: Any, tmp_path: Path) -> None:
    words = ["7", "--format", "npy", "--seed", "1"]
    assert scorp_gen(*words, "a.npy", preexec_fn=closing(0, 1, 2)).returncode == 0
    assert scorp_gen(*words, "b.npy").returncode == 0
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_printing_to_a_closed_stdout_is_exit_code_1(fails: Any, tmp_path: Path) -> None:
    for words in (["--help"], ["--version"], ["check", "--help"], ["info"], ["7", "-", "--format", "npy"]):
        model = {} if words[0] in ("info", "7") else {"model": None}
        assert "stdout: it is closed" in fails(1, *words, **model, preexec_fn=closing(1))
    assert "stdout" in fails(1, "7", "a.npy", "--json", "--quiet", preexec_fn=closing(1))
    assert (tmp_path / "a.npy").is_file()


@pytest.mark.parametrize(
    ("output", "code", "says"),
    [
        ("", 2, "OUTPUT"),
        ("a" * 300 + ".png", 1, "File name too long"),
        ("a" * 300 + "/", 1, "File name too long"),
        ("x/" * 3000 + "a.png", 1, "File name too long"),
    ],
    ids=["empty", "file", "folder", "path"],
)
def test_an_impossible_name_is_refused(fails: Any, tmp_path: Path, output: str, code: int, says: str) -> None:
    assert says in fails(code, "7", output)
    assert list(tmp_path.iterdir()) == []


def test_names_need_not_be_utf_8(scorp_gen: Any, fails: Any, tmp_path: Path) -> None:
    for name in (b"\xff\xfe.npz", b"d\xff/"):
        assert scorp_gen("7", os.fsdecode(name)).returncode == 0
    assert scorp_gen("verify", os.fsdecode(b"d\xff")).returncode == 0
    assert {os.fsencode(path.name) for path in tmp_path.iterdir()} == {b"\xff\xfe.npz", b"d\xff"}
    fails(2, os.fsdecode(b"\xff"), "a.png")  # nor a class, which there is not


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("/dev/zero", "not a file"),
        ("./pipe.onnx", "not a file"),
        ("./loop.onnx", "Too many levels of symbolic links"),
        ("a" * 5000 + ".onnx", "File name too long"),
        ("q\nr", "'q\\nr'"),
        ("", "''"),
    ],
    ids=["endless device", "pipe", "link to itself", "long path", "line feed", "empty"],
)
def test_what_is_not_a_model_file_is_refused(fails: Any, tmp_path: Path, model: str, says: str) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "loop.onnx").symlink_to("loop.onnx")
    assert says in fails(3, "7", "a.png", model=model)


def test_strange_environment_variables_do_not_matter(scorp_gen: Any, environment: dict[str, str]) -> None:
    strange = {
        "HOME": "/nonexistent",
        "TMPDIR": "/nonexistent",
        "COLUMNS": "x",
        "PYTHONIOENCODING": "ascii",
        "TERM": "x" * 9000,
        "SOURCE_DATE_EPOCH": "x",
    }
    words = ["0-9", "set/", "-n", "4", "--shards", "2", "--workers", "2"]
    assert scorp_gen(*words, env=environment | strange).returncode == 0


@pytest.mark.parametrize("words", [["7", "a.png"], ["7", "a/"], ["7", "."], ["verify", "a"]])
def test_a_removed_current_folder_is_reported(fails: Any, tmp_path: Path, words: list[str]) -> None:
    def leave() -> None:
        (tmp_path / "gone").mkdir()
        os.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()

    assert "No such file or directory" in fails(1, *words, preexec_fn=leave)


def test_too_few_open_files_are_reported(fails: Any, tmp_path: Path) -> None:
    assert "Too many open files" in fails(1, "0-9", "a/", "-n", "50", preexec_fn=limited("RLIMIT_NOFILE", 5))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("more", [["--shards", "1000000000000"], ["--shard", "0/1000000000000", "-s", "1"]])
def test_too_many_shards_are_refused(fails: Any, tmp_path: Path, more: list[str]) -> None:
    assert "1000000000000 shards" in fails(2, "7", "a/", "-n", "1000000000000", *more)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_in_a_worker_is_reported_and_resume_continues(
    fails: Any, scorp_gen: Any, tmp_path: Path
) -> None:
    assert "File too large" in fails(1, *SHARDED, preexec_fn=limited("RLIMIT_FSIZE", 5000))
    assert scorp_gen(*SHARDED, "--resume").returncode == 0
    assert scorp_gen("verify", "set").returncode == 0
    assert not list(tmp_path.rglob("*.partial"))


def _too_big() -> None:
    np.empty((2**20, 2**30), np.uint8)


def test_a_lack_of_memory_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    def nothing(_: object) -> None:
        raise MemoryError

    assert run_command("scorp-gen", lambda _: _too_big(), []) == 1
    assert capsys.readouterr().err.startswith("scorp-gen: out of memory: Unable to allocate")
    assert run_command("scorp-gen", nothing, []) == 1
    assert capsys.readouterr().err == "scorp-gen: out of memory\n"


@pytest.fixture
def sharded(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str]
) -> "Iterator[subprocess.Popen[bytes]]":
    """A run of two workers that would take for ever, begun."""
    words = ["0-9", "set/", "-n", "50000000", "--seed", "1", "--shards", "500", "--workers", "2"]
    command = [sys.executable, "-m", "scorp_runtime", *words, "--format", "npz", "--model", str(tiny_path)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-1, stderr=-1)
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "set").glob(".begun/.0*.partial"))) < 2:  # a shard of each worker
        assert process.poll() is None
        assert time.monotonic() < deadline
    yield process
    process.kill()
    process.communicate()


def _workers(process: "subprocess.Popen[bytes]") -> list[int]:
    # Any thread may have started a worker.
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_a_killed_worker_is_reported(sharded: "subprocess.Popen[bytes]") -> None:
    workers = _workers(sharded)
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    stdout, stderr = sharded.communicate(timeout=30)
    assert (sharded.returncode, stdout) == (1, b"")
    assert stderr.count(b"\n") == 1
    assert b"--resume" in stderr
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_the_workers_too(
    sharded: "subprocess.Popen[bytes]", tmp_path: Path, name: str, code: int
) -> None:
    workers = _workers(sharded)
    sharded.send_signal(signal.Signals[name])
    stdout, stderr = sharded.communicate(timeout=30)
    assert (sharded.returncode, stdout, stderr) == (code, b"", b"scorp-gen: interrupted\n")
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert list((tmp_path / "set").iterdir()) == [tmp_path / "set" / ".begun"]
    assert not list((tmp_path / "set/.begun").glob(".*"))

"""Signals, full disks, closed streams and a lack of anything: one line, the right exit code, and nothing lost."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli.process import run_command

resource = pytest.importorskip("resource")  # not on Windows
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, limits, /proc and /dev/full")

LONG = ["0-9", "-n", "100000000", "--seed", "1"]
SHARDED = [*LONG, "set/", "--shards", "500", "--workers", "2", "--format", "npz"]
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGKILL": -9}


@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_removes_partial_files(begin: Any, tmp_path: Path, output: str, name: str) -> None:
    process = begin(*LONG, output, pattern=".*.partial", count=1)
    process.send_signal(signal.Signals[name])
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (CODES[name], b"", b"scorp-gen: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def sharded(begin: Any) -> "subprocess.Popen[bytes]":
    """A run in which each of two workers has begun a shard."""
    process: subprocess.Popen[bytes] = begin(*SHARDED, pattern="set/.begun/.0*.partial", count=2)
    return process


@pytest.mark.parametrize("name", CODES)
def test_the_workers_end_with_the_run(begin: Any, tmp_path: Path, name: str) -> None:
    process = sharded(begin)
    if name == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it
    else:
        process.send_signal(signal.Signals[name])
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout) == (CODES[name], b"")
    deadline = time.monotonic() + 60
    with pytest.raises(ProcessLookupError):  # noqa: PT012
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
    if name != "SIGKILL":
        assert stderr == b"scorp-gen: interrupted\n"
        assert list((tmp_path / "set").iterdir()) == [tmp_path / "set" / ".begun"]
        assert not list((tmp_path / "set/.begun").glob(".*"))


def test_a_killed_worker_is_reported(begin: Any) -> None:
    process = sharded(begin)
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")  # any thread may have started a worker
    children = [child for task in tasks for child in task.read_text().split()]
    workers = [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    os.kill(int(workers[0]), signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr.count(b"\n")) == (1, b"", 1)
    assert b"--resume" in stderr
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_a_reader_that_leaves_ends_the_run_silently(begin: Any) -> None:
    process = begin(*LONG, "-", "--format", "npy")
    assert process.stdout.read(6) == b"\x93NUMPY"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141


def files_of_at_most(size: int) -> Callable[[], None]:
    """As on a disk that is almost full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
def test_a_full_disk_is_exit_code_1_and_keeps_the_old_file(fails: Any, tmp_path: Path, output: str) -> None:
    if output != "digits/":
        (tmp_path / output).write_bytes(b"the old file")
    limit = files_of_at_most(500 if output == "digits/" else 20_000)
    line = fails(1, "0-9", output, "-n", 5000, "--seed", 1, preexec_fn=limit)
    assert f"{output.rstrip('/')}: File too large" in line
    assert [path for path in tmp_path.iterdir() if path.name != output] == []
    assert output == "digits/" or (tmp_path / output).read_bytes() == b"the old file"


@pytest.mark.parametrize(("form", "workers", "most"), [("npz", 2, 5_000), ("idx", 1, 30_000)])
def test_after_a_full_disk_a_dataset_is_resumed(
    made: Any, fails: Any, tmp_path: Path, form: str, workers: int, most: int
) -> None:
    """With the limits, a shard of the first and all images of the second are too large."""
    words = ["0-9", "set/", "-n", 3000, "--seed", 1, "--shards", 30, "--workers", workers, "--format", form]
    assert "File too large" in fails(1, *words, preexec_fn=files_of_at_most(most))
    made(*words, "--resume")
    made("verify", "set")
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["info"], ["check", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_text_on_a_full_device_is_exit_code_1(
    fails: Any, environment: dict[str, str], words: list[str], unbuffered: str
) -> None:
    options = {"stderr": subprocess.PIPE, "env": {**environment, "PYTHONUNBUFFERED": unbuffered}}
    if words != ["info"]:
        options["model"] = None
    with Path("/dev/full").open("wb") as full:
        line = fails(1, *words, capture_output=False, stdout=full, **options)
    assert "No space left on device" in line


@pytest.mark.parametrize("form", ["png", "npy", "npz"])
def test_a_full_device_is_exit_code_1(fails: Any, form: str) -> None:
    words = ["7", "-n", 64, "--seed", 1, "--format", form]
    assert "/dev/full: No space left on device" in fails(1, *words, "/dev/full")
    with Path("/dev/full").open("wb") as full:
        line = fails(1, *words, "-", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert "stdout: No space left on device" in line


def test_a_pipe_is_written_to_and_not_replaced(made: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE)
    made("7", "pipe", "--format", "npy")
    stdout, _ = reader.communicate(timeout=60)
    assert stdout.startswith(b"\x93NUMPY")
    assert (tmp_path / "pipe").is_fifo()


def closing(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


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
    ],
    ids=["empty", "file", "folder"],
)
def test_an_impossible_name_is_refused(fails: Any, tmp_path: Path, output: str, code: int, says: str) -> None:
    assert says in fails(code, "7", output)
    assert list(tmp_path.iterdir()) == []


def test_names_need_not_be_utf_8(made: Any, tmp_path: Path) -> None:
    for name in (b"\xff\xfe.npz", b"d\xff/"):
        made("7", os.fsdecode(name))
    made("verify", os.fsdecode(b"d\xff"))
    assert {os.fsencode(path.name) for path in tmp_path.iterdir()} == {b"\xff\xfe.npz", b"d\xff"}


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("/dev/zero", "not a file"),
        ("./pipe.onnx", "not a file"),
        ("a" * 5000 + ".onnx", "File name too long"),
        ("q\nr", "'q\\nr'"),
        ("", "''"),
    ],
    ids=["endless device", "pipe", "long path", "line feed", "empty"],
)
def test_what_is_not_a_model_file_is_refused(fails: Any, tmp_path: Path, model: str, says: str) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    assert says in fails(3, "7", "a.png", model=model)


def test_too_few_open_files_are_reported(fails: Any, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))

    assert "Too many open files" in fails(1, "0-9", "a/", "-n", "50", preexec_fn=limit)
    assert list(tmp_path.iterdir()) == []


def test_a_lack_of_memory_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    def allocate(words: Any) -> None:
        np.empty((2**20, 2**30), np.uint8)

    assert run_command("scorp-gen", allocate, []) == 1
    assert capsys.readouterr().err.startswith("scorp-gen: out of memory: Unable to allocate")


@pytest.mark.parametrize("granted", [0, 1, 3])
def test_fewer_threads_than_requested_draw_the_same(
    tiny_path: Path, generator: Generator, monkeypatch: pytest.MonkeyPatch, granted: int
) -> None:
    expected = generator.generate("0-9", 5000, seed=1).images
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def scarce(thread: threading.Thread) -> None:
        if len(started) >= granted:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", scarce)
    threads = 40 + granted  # a pool that no other test has filled
    assert np.array_equal(
        Generator(tiny_path, threads=threads).generate("0-9", 5000, seed=1).images, expected
    )
    assert len(started) == granted

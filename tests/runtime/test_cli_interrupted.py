"""A signal, a killed worker, a full disk or a reader that leaves: the right exit code, and no partial file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

resource = pytest.importorskip("resource")  # not on Windows
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, limits, /proc and /dev/full")

LONG = ["0-9", "-n", "100000000", "--seed", "1"]
SHARDED = [
    "0-9",
    "set/",
    "-n",
    "50000000",
    "--seed",
    "1",
    "--shards",
    "500",
    "--workers",
    "2",
    "--format",
    "npz",
]
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

"""A full disk, a signal or a reader that leaves: the right exit code, and no partial file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.files.atomic import atomic_file, atomic_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

LONG = ["0-9", "-n", "100000000", "--seed", "1"]
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


@pytest.fixture
def begin(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str]
) -> "Iterator[Callable[..., subprocess.Popen[bytes]]]":
    """Starts an endless run."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "scorp_runtime", *LONG, *words, "--model", str(tiny_path)]
        begun.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-1, stderr=-1))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_removes_partial_files(
    begin: Any, tmp_path: Path, output: str, name: str, code: int
) -> None:
    process = begin(output)
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob(".*.partial")):
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.send_signal(signal.Signals[name])
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (code, b"", b"scorp-gen: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_ends_the_run_silently(begin: Any) -> None:
    process = begin("-", "--format", "npy")
    assert process.stdout.read(6) == b"\x93NUMPY"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141


HALF_MADE = """
import signal
from scorp_runtime.cli.process import run_command

class Archive:
    def __init__(self):
        self.again = self
        signal.raise_signal(signal.SIGTERM)
        self.writing = False

    def __del__(self):
        print(self.writing)

raise SystemExit(run_command("scorp-gen", lambda words: Archive(), []))
"""


def test_a_half_made_object_prints_nothing_after_a_signal(environment: dict[str, str]) -> None:
    result = subprocess.run([sys.executable, "-c", HALF_MADE], env=environment, capture_output=True)
    assert (result.returncode, result.stdout, result.stderr) == (143, b"", b"scorp-gen: interrupted\n")


@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
def test_a_full_disk_is_exit_code_1_and_keeps_the_old_file(fails: Any, tmp_path: Path, output: str) -> None:
    import resource

    limit = 20_000 if output != "digits/" else 500
    if output != "digits/":
        (tmp_path / output).write_bytes(b"the old file")
    line = fails(
        *(1, "0-9", output, "-n", 5000, "--seed", 1),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert f"{output.rstrip('/')}: File too large" in line
    assert [path for path in tmp_path.iterdir() if path.name != output] == []
    assert output == "digits/" or (tmp_path / output).read_bytes() == b"the old file"


@needs_full_device
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["info"], ["check", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_text_on_a_full_device_is_exit_code_1(
    fails: Any, environment: dict[str, str], words: list[str], unbuffered: str
) -> None:
    model = {} if words == ["info"] else {"model": None}
    streams = {"capture_output": False, "stderr": subprocess.PIPE}
    with Path("/dev/full").open("wb") as full:
        line = fails(
            1, *words, **model, **streams, stdout=full, env={**environment, "PYTHONUNBUFFERED": unbuffered}
        )
    assert "No space left on device" in line


@needs_full_device
@pytest.mark.parametrize("form", ["png", "npy", "npz"])
def test_a_full_device_is_exit_code_1(fails: Any, form: str) -> None:
    words = ["7", "-n", 64, "--seed", 1, "--format", form]
    assert "/dev/full: No space left on device" in fails(1, *words, "/dev/full")
    with Path("/dev/full").open("wb") as full:
        line = fails(1, *words, "-", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert "stdout: No space left on device" in line


def test_a_pipe_is_written_to_and_not_replaced(scorp_gen: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert scorp_gen("7", "pipe", "--format", "npy").returncode == 0
    stdout, _ = reader.communicate(timeout=60)
    assert stdout.startswith(b"\x93NUMPY")
    assert (tmp_path / "pipe").is_fifo()


class Boom(BaseException):
    """Something that no `except Exception` catches."""


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(Boom), atomic_file(path) as stream:  # noqa: PT012
        stream.write(b"half")
        stream.flush()
        assert not path.exists()
        raise Boom
    assert list(tmp_path.iterdir()) == []
    with atomic_file(path) as stream:
        stream.write(b"whole")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a", b"whole")]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with atomic_folder(path, replace=False) as begun:
        (begun / "old").touch()
    with pytest.raises(Boom), atomic_folder(path, replace=True) as begun:  # noqa: PT012
        (begun / "new").touch()
        raise Boom
    assert [str(entry.relative_to(tmp_path)) for entry in tmp_path.rglob("*")] == ["a", "a/old"]
    with atomic_folder(path, replace=True) as begun:
        (begun / "new").touch()
    assert [str(entry.relative_to(tmp_path)) for entry in tmp_path.rglob("*")] == ["a", "a/new"]

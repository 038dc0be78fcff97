"""A full disk, an interrupt or a reader that leaves: the right exit code, and no half of a file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.files.atomic import atomic_file, atomic_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

LONG = ["0-9", "-n", "100000000", "--seed", "1"]


@pytest.fixture
def begin(tmp_path: Path, tiny_path: Path, environment: dict[str, str]) -> Any:
    """Begin a run that would take for ever, and return once it has begun to write."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "scorp_runtime", *words, "--model", str(tiny_path)]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-1, stderr=-1)
        begun.append(process)
        deadline = time.monotonic() + 60
        while not any(tmp_path.glob(".*.partial")):
            assert process.poll() is None
            assert time.monotonic() < deadline
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.fault("scorp-gen WHAT", "SIGINT while it writes", "exit 130, one line, nothing left")
@pytest.mark.fault("scorp-gen WHAT", "SIGTERM while it writes", "exit 143, one line, nothing left")
@pytest.mark.fault(
    "scorp-gen WHAT", "SIGHUP while it writes, as its terminal goes", "exit 129, one line, nothing left"
)
@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_removes_what_was_begun(
    begin: Any, tmp_path: Path, output: str, name: str, code: int
) -> None:
    process = begin(*LONG, output)
    process.send_signal(signal.Signals[name])
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (
        code,
        b"",
        b"scorp-gen: interrupted\n",
    )
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.fault(
    "scorp-gen WHAT", "SIGTERM while an archive is opened, so that it is half made", "exit 143, one line"
)
def test_what_a_signal_left_half_made_says_nothing(environment: dict[str, str]) -> None:
    result = subprocess.run([sys.executable, "-c", HALF_MADE], env=environment, capture_output=True)
    assert (result.returncode, result.stdout, result.stderr) == (143, b"", b"scorp-gen: interrupted\n")


@pytest.mark.fault("scorp-gen WHAT", "a disk that fills up", "exit 1, one line, the old file stays")
@pytest.mark.parametrize("output", ["a.npy", "a.npz", "digits/"])
def test_a_disk_that_fills_up_is_exit_code_1_and_keeps_the_old_file(
    scorp_gen: Any, tmp_path: Path, output: str
) -> None:
    import resource

    limit = 20_000 if output != "digits/" else 500
    before = b"the old file"
    if output != "digits/":
        (tmp_path / output).write_bytes(before)
    result = scorp_gen(
        "0-9",
        output,
        "-n",
        5000,
        "--seed",
        1,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode() == f"scorp-gen: cannot write {output.rstrip('/')}: File too large\n"
    left = [path for path in tmp_path.iterdir() if path.name != output]
    assert left == []
    assert output == "digits/" or (tmp_path / output).read_bytes() == before


@pytest.mark.fault("scorp-gen info, --help, --version", "stdout on a full device", "exit 1, one line")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["info"], ["check", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_words_on_a_full_device_are_exit_code_1(
    scorp_gen: Any, environment: dict[str, str], words: list[str], unbuffered: str
) -> None:
    model = {} if words == ["info"] else {"model": None}
    with Path("/dev/full").open("wb") as full:
        result = scorp_gen(
            *words,
            **model,
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
            env={**environment, "PYTHONUNBUFFERED": unbuffered},
        )
    assert result.returncode == 1
    assert result.stderr.endswith(b"No space left on device\n")
    assert result.stderr.count(b"\n") == 1


@pytest.mark.fault("scorp-gen WHAT", "a full device as target or stdout", "exit 1, one line")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("form", ["png", "npy", "npz"])
def test_a_full_device_is_exit_code_1(scorp_gen: Any, form: str) -> None:
    words = ["7", "-n", 64, "--seed", 1, "--format", form]
    result = scorp_gen(*words, "/dev/full")
    assert result.returncode == 1
    assert result.stderr == b"scorp-gen: cannot write /dev/full: No space left on device\n"
    with Path("/dev/full").open("wb") as full:
        result = scorp_gen(*words, "-", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert result.stderr == b"scorp-gen: cannot write to stdout: No space left on device\n"


@pytest.mark.fault("scorp-gen WHAT", "a pipe as the target", "written to, not replaced")
def test_a_device_is_written_to_and_not_replaced(scorp_gen: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert scorp_gen("7", "pipe", "--format", "npy").returncode == 0
    stdout, _ = reader.communicate(timeout=60)
    assert stdout.startswith(b"\x93NUMPY")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.fault("scorp-gen WHAT", "a reader of stdout that leaves", "exit 141, silently")
def test_a_reader_that_leaves_is_no_error_to_talk_about(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str]
) -> None:
    command = [
        sys.executable,
        "-m",
        "scorp_runtime",
        *LONG,
        "-",
        "--format",
        "npy",
        "--model",
        str(tiny_path),
    ]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(6) == b"\x93NUMPY"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


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

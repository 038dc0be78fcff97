"""A process without streams, memory, threads or open files reports it and loses no data."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli.process import run_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, /proc and names of any bytes")


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
    import resource

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

"""What a process may lack: streams, names, memory, threads, open files, workers; nothing is lost but what it asked."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli.process import run_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, /proc and names of any bytes")

fault = pytest.mark.fault
SHARDED = ["0-9", "set/", "-n", "3000", "--seed", "1", "--shards", "3", "--workers", "2", "--format", "npz"]


@pytest.fixture
def one_line(scorp_gen: Any) -> Any:
    """Runs a command that fails, and returns its one line."""

    def run(code: int, *words: str, **options: Any) -> str:
        result = scorp_gen(*words, **options)
        assert (result.returncode, result.stdout) == (code, b""), result.stderr
        (line,) = result.stderr.decode().splitlines()
        assert line.startswith("scorp-gen: ")
        assert "--debug" not in line
        return line

    return run


def closing(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


def limited(what: str, most: int) -> Callable[[], None]:
    import resource

    return lambda: resource.setrlimit(getattr(resource, what), (most, most))


@fault("scorp-gen WHAT", "stderr that is closed, pictures to stdout", "exit 0, no word among the pictures")
def test_words_do_not_get_among_the_pictures(scorp_gen: Any) -> None:
    words = ["7", "-", "--format", "npy", "-n", "3", "--seed", "1"]
    expected = scorp_gen(*words)
    muted = scorp_gen(*words[:-2], preexec_fn=closing(2))  # a seed that it draws is told, too
    assert (muted.returncode, len(muted.stdout)) == (0, len(expected.stdout))
    assert np.load(io.BytesIO(muted.stdout)).shape == np.load(io.BytesIO(expected.stdout)).shape


@fault("scorp-gen WHAT", "a fault while stderr is closed", "its exit code, nothing on stdout")
@fault("scorp-gen WHAT", "a fault while stderr is a full device", "its exit code, nothing on stdout")
def test_the_exit_code_tells_what_nobody_can_read(scorp_gen: Any) -> None:
    closed = scorp_gen("x", "a.png", preexec_fn=closing(2))
    with Path("/dev/full").open("wb") as full:
        filled = scorp_gen("x", "a.png", capture_output=False, stdout=subprocess.PIPE, stderr=full)
    assert [(run.returncode, run.stdout) for run in (closed, filled)] == [(2, b"")] * 2


@fault("scorp-gen WHAT", "stdin, stdout and stderr that are closed", "exit 0, the file is right")
def test_a_file_does_not_take_the_place_of_a_stream(scorp_gen: Any, tmp_path: Path) -> None:
    words = ["7", "--format", "npy", "--seed", "1"]
    assert scorp_gen(*words, "a.npy", preexec_fn=closing(0, 1, 2)).returncode == 0
    assert scorp_gen(*words, "b.npy").returncode == 0
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@fault("scorp-gen WHAT", "stdout that is closed, pictures to stdout", "exit 1: it is closed")
def test_pictures_for_a_closed_stdout_are_refused(one_line: Any) -> None:
    assert "stdout: it is closed" in one_line(1, "7", "-", "--format", "npy", preexec_fn=closing(1))


@fault("scorp-gen info, --help, --version", "stdout that is closed", "exit 1: it is closed")
@fault("scorp-gen WHAT", "stdout that is closed, `--json`", "exit 1: it is closed; the file is there")
def test_words_for_a_closed_stdout_are_not_believed_told(
    one_line: Any, scorp_gen: Any, tmp_path: Path
) -> None:
    for words in (["--help"], ["--version"], ["check", "--help"], ["info"]):
        model = {} if words == ["info"] else {"model": None}
        assert "stdout: it is closed" in one_line(1, *words, **model, preexec_fn=closing(1))
    drawn = scorp_gen("7", "a.npy", "--seed", "1", "--json", preexec_fn=closing(1))
    assert drawn.returncode == 1
    assert drawn.stderr.splitlines()[-1] == b"scorp-gen: cannot write to stdout: it is closed"
    assert (tmp_path / "a.npy").is_file()


@pytest.mark.parametrize(
    ("output", "code", "says"),
    [
        pytest.param(
            "", 2, "empty name", marks=fault("scorp-gen WHAT", "an empty OUTPUT", "exit 2, one line")
        ),
        *(
            pytest.param(
                name,
                1,
                "File name too long",
                marks=fault("scorp-gen WHAT", f"{kind} as the target", "exit 1: File name too long"),
            )
            for kind, name in {
                "a name of 300 letters": "a" * 300 + ".png",
                "a folder's name of 300 letters": "a" * 300 + "/",
                "a path of 6,000 letters": "x/" * 3000 + "a.png",
            }.items()
        ),
    ],
)
def test_a_name_that_is_none_is_refused(
    one_line: Any, tmp_path: Path, output: str, code: int, says: str
) -> None:
    assert says in one_line(code, "7", output)
    assert list(tmp_path.iterdir()) == []


@fault("scorp-gen WHAT", "names of files and folders that are no UTF-8", "written and verified as any other")
def test_names_are_bytes(scorp_gen: Any, tmp_path: Path) -> None:
    for name in (b"\xff\xfe.npz", b"d\xff/"):
        assert scorp_gen("7", os.fsdecode(name)).returncode == 0
    assert scorp_gen("verify", os.fsdecode(b"d\xff")).returncode == 0
    assert {os.fsencode(path.name) for path in tmp_path.iterdir()} == {b"\xff\xfe.npz", b"d\xff"}


@fault("scorp-gen WHAT", "a class of bytes that are no UTF-8", "exit 2: there is no class")
def test_bytes_that_are_no_text_name_no_class(one_line: Any) -> None:
    assert "there is no class" in one_line(2, os.fsdecode(b"\xff"), "a.png")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        pytest.param(model, says, marks=fault("model files", wrong, f"exit 3: {says}"))
        for wrong, model, says in [
            ("a device without end", "/dev/zero", "not a file"),
            ("a pipe that nobody writes to", "./pipe.onnx", "not a file"),
            ("a link to itself", "./loop.onnx", "Too many levels of symbolic links"),
            ("a path of 5,000 letters", "a" * 5000 + ".onnx", "File name too long"),
            ("a name with line feeds", "q\nr", "there is no bundled model 'q\\nr'"),
            ("an empty name", "", "there is no bundled model ''"),
        ]
    ],
)
def test_what_is_no_model_file_is_told(one_line: Any, tmp_path: Path, model: str, says: str) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "loop.onnx").symlink_to("loop.onnx")
    assert says in one_line(3, "7", "a.png", model=model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(name, value, marks=fault("other variables", f"`{name}={shown}`", "exit 0"))
        for name, value, shown in [
            ("HOME", "/nonexistent", "/nonexistent"),
            ("TMPDIR", "/nonexistent", "/nonexistent"),
            ("COLUMNS", "x", "x"),
            ("PYTHONIOENCODING", "ascii", "ascii"),
            ("TERM", "x" * 9000, "xxx…"),
            ("SOURCE_DATE_EPOCH", "x", "x"),
        ]
    ],
)
def test_variables_of_others_do_not_stop_it(
    scorp_gen: Any, environment: dict[str, str], name: str, value: str
) -> None:
    words = ["0-9", "set/", "-n", "4", "--shards", "2", "--workers", "2"]
    assert scorp_gen(*words, env={**environment, name: value}).returncode == 0


@fault("scorp-gen WHAT, verify", "a current folder that was removed", "exit 1, one line")
@pytest.mark.parametrize("words", [["7", "a.png"], ["7", "a/"], ["7", "."], ["verify", "a"]])
def test_a_current_folder_that_is_gone_is_told(one_line: Any, tmp_path: Path, words: list[str]) -> None:
    def leave() -> None:
        (tmp_path / "gone").mkdir()
        os.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()

    assert "No such file or directory" in one_line(1, *words, preexec_fn=leave)


@fault(
    "scorp-gen WHAT",
    "five open files at most, too few for a folder",
    "exit 1: Too many open files; nothing is left",
)
def test_too_few_open_files_are_told(one_line: Any, tmp_path: Path) -> None:
    assert "Too many open files" in one_line(
        1, "0-9", "a/", "-n", "50", preexec_fn=limited("RLIMIT_NOFILE", 5)
    )
    assert list(tmp_path.iterdir()) == []


@fault("scorp-gen WHAT", "10**12 shards", "exit 2 without taking memory")
@pytest.mark.parametrize("more", [["--shards", "1000000000000"], ["--shard", "0/1000000000000", "-s", "1"]])
def test_more_shards_than_a_dataset_may_have_are_refused(
    one_line: Any, tmp_path: Path, more: list[str]
) -> None:
    line = one_line(2, "7", "a/", "-n", "1000000000000", *more)
    assert "1000000000000 shards are more than 1000000" in line
    assert list(tmp_path.iterdir()) == []


@fault("scorp-gen WHAT --workers", "a disk that fills up in a worker", "exit 1, one line; `--resume` goes on")
def test_a_disk_that_fills_up_in_a_worker_is_told(one_line: Any, scorp_gen: Any, tmp_path: Path) -> None:
    assert "File too large" in one_line(1, *SHARDED, preexec_fn=limited("RLIMIT_FSIZE", 5000))
    assert scorp_gen(*SHARDED, "--resume").returncode == 0
    assert scorp_gen("verify", "set").returncode == 0
    assert not list(tmp_path.rglob("*.partial"))


def _too_big() -> None:
    np.empty((2**20, 2**30), np.uint8)


@fault("all commands", "an array that does not fit the memory", "exit 1: out of memory, and for what")
@fault("all commands", "no memory for anything", "exit 1: out of memory")
def test_a_lack_of_memory_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def nothing(_: object) -> None:
        raise MemoryError

    assert run_command("scorp-gen", lambda _: _too_big(), []) == 1
    assert capsys.readouterr().err.startswith("scorp-gen: out of memory: Unable to allocate")
    assert run_command("scorp-gen", nothing, []) == 1
    assert capsys.readouterr().err == "scorp-gen: out of memory\n"


@fault(
    "`Generator.generate`", "a system that starts fewer threads than asked for, or none", "the same pictures"
)
@pytest.mark.parametrize("granted", [0, 1, 3])
def test_fewer_threads_draw_the_same(
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


@fault("scorp-gen WHAT --workers", "a worker that is killed", "exit 1: `--resume` goes on; no worker is left")
def test_a_worker_that_is_killed_is_told(sharded: "subprocess.Popen[bytes]") -> None:
    workers = _workers(sharded)
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    stdout, stderr = sharded.communicate(timeout=30)
    assert (sharded.returncode, stdout) == (1, b"")
    assert stderr == b"scorp-gen: a worker process was ended from outside: --resume goes on\n"
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@fault(
    "scorp-gen WHAT --workers",
    "SIGTERM or SIGHUP",
    "exit 143 or 129, one line; no worker and no half is left",
)
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

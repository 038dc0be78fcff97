"""Damaged, shared, full or killed runs: nothing is lost or executed, and the same command resumes."""

import json
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from scorp_runtime.files.locks import try_lock, unlock
from scorp_train.cli.export import main as export
from scorp_train.cli.train import _parse, _plan
from scorp_train.cli.train import main as train
from scorp_train.training import trainer
from scorp_train.training.data_record import data_record
from scorp_train.training.resolution import resolved
from scorp_train.training.run_folder import RunFolder
from scorp_train.training.training_data import load_data

posix = pytest.mark.skipif(sys.platform == "win32", reason="locks, signals and limits of POSIX")
Captured = pytest.CaptureFixture[str]


TRAINING = ["--epochs", "1", "--threads", "1", "--network", "dense"]


@pytest.fixture
def words(digits: Path, tmp_path: Path) -> list[str]:
    """Arguments of a training of a second."""
    return [*TRAINING, "--data", str(digits), "--runs", str(tmp_path / "runs")]


@pytest.fixture(scope="module")
def run(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training, which tests only read."""
    runs = tmp_path_factory.mktemp("finished")
    assert train([*TRAINING, "--data", str(digits), "--runs", str(runs)]) == 0
    (folder,) = runs.iterdir()
    return folder


@pytest.fixture
def new_run(words: list[str], digits: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make the folder of a training of `words` that has not trained yet."""

    def create() -> Path:
        plan = resolved(_plan(_parse(words)))
        folder = RunFolder.create(tmp_path / "runs", plan, data_record(load_data(plan)))
        folder.release()
        return folder.path

    return create


def one_line(captured: Captured) -> str:
    (line,) = captured.readouterr().err.splitlines()
    return line


class Hostile:
    """Creates a file if it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


CHECKPOINTS: dict[str, Callable[[Path, Path], object]] = {
    "empty": lambda run, marker: b"",
    "truncated": lambda run, marker: (run / "checkpoint.pt").read_bytes()[:-1000],
    "of another network": lambda run, marker: {
        "step": 3,
        "networks": {"a": torch.zeros(3)},
        "optimizers": {},
    },
    "with code": lambda run, marker: {"step": Hostile(marker)},
    "bare pickle with code": lambda run, marker: pickle.dumps(Hostile(marker)),
}


@pytest.mark.parametrize("case", CHECKPOINTS)
def test_bad_checkpoint_is_named_and_kept(
    case: str, run: Path, new_run: Callable[[], Path], words: list[str], tmp_path: Path, capsys: Captured
) -> None:
    marker = tmp_path / "executed"
    path = new_run() / "checkpoint.pt"
    content = CHECKPOINTS[case](run, marker)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    before = path.read_bytes()
    assert train(words) == 1
    assert str(path) in one_line(capsys)
    assert path.read_bytes() == before
    assert not marker.exists()
    assert list((tmp_path / "runs").iterdir()) == [path.parent]


OPTIONS = {
    "missing": None,
    "not JSON": "{",
    "list of options": '{"training": []}',
    "text for a number": '{"training": {"epochs": "x"}}',
    "unknown network": '{"training": {"network": "theirs"}}',
    "endless nesting": "[" * 100_000,
}


@pytest.mark.parametrize("case", OPTIONS)
def test_folder_with_wrong_options_is_not_a_run(
    case: str, new_run: Callable[[], Path], tmp_path: Path, capsys: Captured
) -> None:
    other = tmp_path / "runs" / "00007-other"
    other.mkdir(parents=True)
    (other / "notes").write_text("of mine")
    if (text := OPTIONS[case]) is not None:
        (other / "options.json").write_text(text)
    assert export([str(other), str(tmp_path / "out")]) == 1
    assert str(other) in one_line(capsys)
    assert new_run().name.startswith("00008-")


def test_damaged_log_keeps_its_good_lines(tmp_path: Path) -> None:
    lines = [{"kind": "group", "step": step} for step in (1, 2, 3)]
    texts = [json.dumps(line).encode() for line in lines]
    damaged = [b"7", b"[]", b"{}", b'{"kind": "group", "step": null}', b"\xff\x00"]
    content = [texts[0], *damaged, texts[1], texts[2], texts[2][:-4]]
    (tmp_path / "statistics.jsonl").write_bytes(b"\n".join(content))
    folder = RunFolder(tmp_path)
    assert list(folder.statistics()) == lines
    folder.tidy_up(2)
    assert (tmp_path / "statistics.jsonl").read_bytes() == b"".join(text + b"\n" for text in texts[:2])


@posix
def test_two_trainings_do_not_share_a_folder(
    words: list[str], new_run: Callable[[], Path], capsys: Captured
) -> None:
    path = new_run()
    held = try_lock(path)
    assert train(words) == 1
    assert str(path) in one_line(capsys)
    unlock(held)
    assert train(words) == 0


@posix
def test_copy_of_a_run_folder_in_another_process_has_no_lock(new_run: Callable[[], Path]) -> None:
    run = RunFolder(new_run())
    held = RunFolder.find(run.path.parent, run.plan(), run.document()["data"])
    assert held is not None
    pickle.loads(pickle.dumps(held)).release()
    assert try_lock(run.path) is None
    held.release()
    unlock(try_lock(run.path))


def test_folder_without_options_is_reused(new_run: Callable[[], Path]) -> None:
    first = new_run()
    (first / "options.json").rename(first / ".options.json.01234567.partial")
    assert new_run() == first
    assert (first / "options.json").exists()


@posix
def test_training_resumes_after_a_full_disk(words: list[str], tmp_path: Path, capsys: Captured) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        assert train(words) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    line = capsys.readouterr().err.splitlines()[-1]
    (run,) = (tmp_path / "runs").iterdir()
    assert f"{run}/" in line
    assert "File too large" in line
    assert not list(run.glob(".*"))
    assert train(words) == 0
    assert (run / "dense.onnx").exists()


@posix
def test_unwritable_log_is_named(
    words: list[str], new_run: Callable[[], Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_run() / "statistics.jsonl"
    monkeypatch.setattr(RunFolder, "tidy_up", lambda run, step: log.mkdir())
    assert train(words) == 1
    assert str(log) in capsys.readouterr().err


def test_training_without_stderr_finishes(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert train(words) == 0
    sys.stderr.close()  # the null device that the command opened
    assert list((tmp_path / "runs").glob("*/dense.onnx"))


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_leaves_no_partial_file(
    number: signal.Signals,
    code: int,
    run: Path,
    words: list[str],
    new_run: Callable[[], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    folder = new_run()
    with monkeypatch.context() as patch:
        # The signal arrives between the last byte of a file and its name.
        patch.setattr(Path, "replace", lambda path, target: signal.raise_signal(number))
        assert train(words) == code
        assert capsys.readouterr().err.splitlines()[-1] == "scorp-train: interrupted"
        assert [path.name for path in folder.iterdir()] == ["options.json"]
        assert export([str(run), str(tmp_path / "out")]) == code
        assert capsys.readouterr().err == "scorp-export: interrupted\n"
    assert list((tmp_path / "out").iterdir()) == []
    found = RunFolder.find(tmp_path / "runs", RunFolder(folder).plan(), RunFolder(folder).document()["data"])
    assert found is not None
    assert found.path == folder


@pytest.mark.parametrize("make", [lambda run: run / "options.json", lambda run: run / "options.json" / "out"])
def test_export_into_a_file_is_refused(make: Callable[[Path], Path], run: Path, capsys: Captured) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    assert export([str(run), str(make(run))]) == 1
    assert str(make(run)) in one_line(capsys)
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before


def test_diverged_training_is_not_exported(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(trainer.Trainer, "reconstruction", lambda *_: {"paired_mse": float("nan")})
    assert export([str(run), str(tmp_path / "out")]) == 1
    assert "paired_mse" in one_line(capsys)
    assert not (tmp_path / "out").exists()

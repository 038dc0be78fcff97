"""Run folders that are damaged, shared, full or killed: nothing lost or executed, and the same command goes on."""

import json
import os
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
from scorp_train.cli.train import main as train
from scorp_train.export import release as export_command
from scorp_train.models.registry import model_options
from scorp_train.training import trainer
from scorp_train.training.data_record import data_record
from scorp_train.training.options import Options, Plan
from scorp_train.training.resolution import resolved
from scorp_train.training.run_folder import RunFolder
from scorp_train.training.training_data import load_pictures

fault = pytest.mark.fault
posix = pytest.mark.skipif(sys.platform == "win32", reason="locks, signals and limits of POSIX")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def few_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (trainer, export_command):
        monkeypatch.setattr(module, "SCORED", 100)


@pytest.fixture
def words(digits: Path, tmp_path: Path) -> list[str]:
    """A training of a second."""
    options = ["--epochs", "1", "--threads", "1", "--model", "dense"]
    return ["--data", str(digits), "--runs", str(tmp_path / "runs"), *options]


@pytest.fixture(scope="module")
def run(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training; tests leave it as it is."""
    runs = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        for module in (trainer, export_command):
            patch.setattr(module, "SCORED", 100)
        words = ["--data", str(digits), "--epochs", "1", "--threads", "1", "--model", "dense"]
        assert train([*words, "--runs", str(runs)]) == 0
    (folder,) = runs.iterdir()
    return folder


def begun(runs: Path, digits: Path) -> Path:
    """The folder of a training of `words` that has done nothing yet."""
    kind = model_options("dense")
    training = Options(model="dense", data=str(digits), epochs=1, threads=1, **preset("dense"))
    plan = resolved(Plan(training, kind()))
    folder = RunFolder.create(runs, plan, data_record(load_pictures(plan)))
    folder.release()
    return folder.path


def preset(name: str) -> dict[str, Any]:
    found = dict(getattr(model_options(name), "preset", {}))
    return {key: value for key, value in found.items() if key not in ("model", "epochs", "threads")}


def one_line(captured: Captured) -> str:
    (line,) = captured.readouterr().err.splitlines()
    return line


class Hostile:
    """Makes a file where it is unpickled with trust."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def cut_short(run: Path) -> bytes:
    return (run / "checkpoint.pt").read_bytes()[:-1000]


CHECKPOINTS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "a checkpoint that is empty": (lambda run, marker: b"", "cannot resume"),
    "a checkpoint cut short": (lambda run, marker: cut_short(run), "cannot resume"),
    "a checkpoint that is something else": (lambda run, marker: b"\x89PNG" + bytes(99), "cannot resume"),
    "a checkpoint of another network": (
        lambda run, marker: {"step": 3, "networks": {"a": torch.zeros(3)}, "optimizers": {}},
        "cannot resume",
    ),
    "a checkpoint that holds no step": (
        lambda run, marker: {
            key: value
            for key, value in torch.load(run / "checkpoint.pt", weights_only=True).items()
            if key != "step"
        },
        "cannot resume",
    ),
    "a checkpoint with code in it": (lambda run, marker: {"step": Hostile(marker)}, "cannot resume"),
    "a bare pickle with code in it": (lambda run, marker: pickle.dumps(Hostile(marker)), "cannot resume"),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            marks=fault("Run folders", case, "exit 1: cannot resume; nothing is executed, the file stays"),
        )
        for case in CHECKPOINTS
    ],
)
def test_a_bad_checkpoint_is_named_and_kept(
    case: str, run: Path, words: list[str], digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    make, message = CHECKPOINTS[case]
    marker = tmp_path / "executed"
    path = begun(tmp_path / "runs", digits) / "checkpoint.pt"
    content = make(run, marker)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    before = path.read_bytes()
    assert train(words) == 1
    line = one_line(capsys)
    assert message in line
    assert str(path) in line
    assert path.read_bytes() == before
    assert not marker.exists()
    assert list((tmp_path / "runs").iterdir()) == [path.parent]


OPTIONS = {
    "none": None,
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "a list of options": '{"training": []}',
    "words for numbers": '{"training": {"epochs": "x"}}',
    "numbers for words": '{"training": {"name": 3}}',
    "a model of another machine": '{"training": {"model": "theirs"}}',
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, marks=fault("Run folders", f"`options.json`: {case}", "exit 1: is not a run folder")
        )
        for case in OPTIONS
    ],
)
def test_a_folder_of_other_options_is_no_run_and_in_nobodys_way(
    case: str, words: list[str], digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    other = tmp_path / "runs" / "00007-other"
    other.mkdir(parents=True)
    (other / "notes").write_text("of mine")
    if (text := OPTIONS[case]) is not None:
        (other / "options.json").write_text(text)
    assert export([str(other), str(tmp_path / "out")]) == 1
    assert "is not a run folder" in one_line(capsys)
    assert begun(tmp_path / "runs", digits).name.startswith("00008-")


@fault(
    "Run folders", "`statistics.jsonl` with a last line cut short", "that line is done again, the others stay"
)
@fault("Run folders", "`statistics.jsonl` with lines that are no log, or no text", "they are left out")
def test_a_damaged_log_keeps_its_good_lines(tmp_path: Path) -> None:
    lines = [{"kind": "group", "step": step} for step in (1, 2, 3)]
    texts = [json.dumps(line).encode() for line in lines]
    (tmp_path / "statistics.jsonl").write_bytes(
        b"\n".join(
            [
                texts[0],
                b"7",
                b"[]",
                b"{}",
                b'{"kind": "group", "step": null}',
                b"\xff\x00",
                texts[1],
                texts[2],
                texts[2][:-4],
            ]
        )
    )
    folder = RunFolder(tmp_path)
    assert list(folder.statistics()) == lines
    folder.tidy_up(2)
    assert (tmp_path / "statistics.jsonl").read_bytes() == b"".join(text + b"\n" for text in texts[:2])


@posix
@fault(
    "Run folders",
    "the same training begun twice at once",
    "exit 1: another training is at work in the folder",
)
def test_two_trainings_do_not_share_a_folder(
    words: list[str], digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    held = try_lock(begun(tmp_path / "runs", digits))
    assert train(words) == 1
    assert "another training is at work" in one_line(capsys)
    unlock(held)
    assert train(words) == 0


@posix
def test_a_run_folder_sent_to_another_process_holds_nothing_there(digits: Path, tmp_path: Path) -> None:
    run = RunFolder(begun(tmp_path / "runs", digits))
    held = RunFolder.find(tmp_path / "runs", run.plan(), run.document()["data"])
    assert held is not None
    pickle.loads(pickle.dumps(held)).release()
    assert try_lock(run.path) is None
    held.release()
    unlock(try_lock(run.path))


@fault(
    "Run folders", "a training killed before its options were written", "the folder is taken by the next one"
)
def test_a_training_killed_at_its_birth_leaves_its_number(digits: Path, tmp_path: Path) -> None:
    first = begun(tmp_path / "runs", digits)
    (first / "options.json").rename(first / ".options.json.01234567.partial")
    assert begun(tmp_path / "runs", digits) == first
    assert (first / "options.json").exists()


@posix
@fault(
    "scorp-train", "a disk that is full when the checkpoint is written", "exit 1: cannot write; goes on later"
)
def test_a_full_disk_ends_a_training_that_goes_on_later(
    words: list[str], tmp_path: Path, capsys: Captured
) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        assert train(words) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    line = capsys.readouterr().err.splitlines()[-1]
    (run,) = (tmp_path / "runs").iterdir()
    assert line.startswith(f"scorp-train: cannot write {run}/")
    assert line.endswith("File too large")
    assert not list(run.glob(".*"))
    assert train(words) == 0
    assert (run / "dense.onnx").exists()


@posix
@fault("scorp-train", "a log that cannot be written", "exit 1: cannot write …/statistics.jsonl")
def test_a_log_that_cannot_be_written_is_named(
    words: list[str], digits: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = begun(tmp_path / "runs", digits)

    def instead(run: RunFolder, step: int) -> None:
        (folder / "statistics.jsonl").mkdir()

    monkeypatch.setattr(RunFolder, "tidy_up", instead)
    assert train(words) == 1
    assert f"cannot write {folder}/statistics.jsonl: Is a directory" in capsys.readouterr().err


@fault("scorp-train", "stderr that is closed", "exit 0: trained without a word")
def test_a_training_without_stderr_is_done(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert train(words) == 0
    sys.stderr.close()  # the null device, which a command keeps until its process ends
    assert list((tmp_path / "runs").glob("*/dense.onnx"))


SIGNALS = [
    pytest.param(
        number,
        code,
        marks=[
            fault(
                command,
                f"{number.name} while a file is written",
                f"exit {code}: interrupted; no half of a file",
            )
            for command in ("scorp-train", "scorp-export")
        ],
    )
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143))
]


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """From now on the signal comes between the last byte of a file and its name."""

    def begin(number: int) -> pytest.MonkeyPatch:
        def instead(path: Path, target: Path) -> None:
            signal.raise_signal(number)

        monkeypatch.setattr(Path, "replace", instead)
        return monkeypatch

    return begin


@posix
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_leaves_no_half_of_a_file(
    number: signal.Signals,
    code: int,
    run: Path,
    words: list[str],
    digits: Path,
    tmp_path: Path,
    interrupted: Callable[[int], pytest.MonkeyPatch],
    capsys: Captured,
) -> None:
    folder = begun(tmp_path / "runs", digits)
    patch = interrupted(number)
    assert train(words) == code
    assert capsys.readouterr().err.splitlines()[-1] == "scorp-train: interrupted"
    assert [path.name for path in folder.iterdir()] == ["options.json"]
    assert export([str(run), str(tmp_path / "out")]) == code
    assert capsys.readouterr().err == "scorp-export: interrupted\n"
    assert list((tmp_path / "out").iterdir()) == []
    patch.undo()
    found = RunFolder.find(tmp_path / "runs", RunFolder(folder).plan(), RunFolder(folder).document()["data"])
    assert found is not None
    assert found.path == folder


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a file where the folder is due": (lambda path: path / "options.json", "is a file, not a folder"),
    "a folder beneath a file": (lambda path: path / "options.json" / "out", "is a file, not a folder"),
    "a folder that nobody may make": (lambda path: Path("/proc/out"), "cannot write /proc/out"),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=fault("scorp-export", case, f"exit 1: {message}"))
        for case, (_, message) in PLACES.items()
    ],
)
def test_an_export_into_a_bad_place(case: str, run: Path, capsys: Captured) -> None:
    make, message = PLACES[case]
    if "/proc" in message and not os.path.isdir("/proc/self"):  # noqa: PTH112
        pytest.skip("no /proc")
    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    assert export([str(run), str(make(run))]) == 1
    assert message in one_line(capsys)
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before


@fault("scorp-export", "a folder that is not there", "exit 0: it is made")
def test_an_export_makes_its_folder(run: Path, tmp_path: Path) -> None:
    assert export([str(run), str(tmp_path / "a" / "b")]) == 0
    assert len(list((tmp_path / "a" / "b").iterdir())) == 3


@fault(
    "scorp-export", "a training that has diverged", "exit 1: the training has diverged; nothing is written"
)
def test_a_diverged_training_is_not_exported(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(trainer.Trainer, "reconstruction", lambda *_: {"paired_mse": float("nan")})
    assert export([str(run), str(tmp_path / "out")]) == 1
    assert "paired_mse is no number; the training has diverged" in one_line(capsys)
    assert not (tmp_path / "out").exists()

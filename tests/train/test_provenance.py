"""A run records its data, device, threads, precision and versions, and is never resumed or exported with others."""

import gzip
import json
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.inference import threads
from scorp_train.cli.export import main as export
from scorp_train.cli.train import _parse, _plan
from scorp_train.cli.train import main as train
from scorp_train.data.idx import format_idx, parse_idx
from scorp_train.data.idx_folder import FILES
from scorp_train.distributed import process
from scorp_train.models.multires.options import MultiresOptions
from scorp_train.models.registry import model_options
from scorp_train.training.options import Options, Plan
from scorp_train.training.resolution import resolved

Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Trained:
    """A data folder, the arguments of a finished training on it, and its run folder."""

    data: Path
    words: list[str]
    run: Path

    @property
    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = json.loads((self.run / "options.json").read_text())
        return options


@pytest.fixture(scope="module")
def original(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A finished training, which tests only read."""
    place = tmp_path_factory.mktemp("provenance")
    data = shutil.copytree(digits, place / "digits")
    words = ["--network", "dense", "--epochs", "1", "--precision", "float32"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert train([*words, "--data", "digits", "--runs", "runs"]) == 0
    (run,) = (place / "runs").iterdir()
    return Trained(data, words, run)


@pytest.fixture
def trained(original: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """A copy of the finished training, in the current folder."""
    shutil.copytree(original.data.parent, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    words = [*original.words, "--data", "digits", "--runs", "runs"]
    return Trained(tmp_path / "digits", words, tmp_path / "runs" / original.run.name)


def read(data: Path, name: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return parse_idx(gzip.decompress((data / f"{name}.gz").read_bytes()), 3 if "images" in name else 1)


def write(data: Path, name: str, array: np.ndarray[Any, Any]) -> None:
    (data / f"{name}.gz").write_bytes(gzip.compress(format_idx(array.astype(np.uint8))))


def other_images(data: Path) -> None:
    images = read(data, FILES[0])
    images[0, 14, 14] ^= 1
    write(data, FILES[0], images)


def more_images(data: Path) -> None:
    for name in FILES[:2]:
        array = read(data, name)
        write(data, name, np.concatenate([array, array[:100]]))


def another_class(data: Path) -> None:
    labels = read(data, FILES[1])
    labels[:40] = 10
    write(data, FILES[1], labels)


def other_test_images(data: Path) -> None:
    write(data, FILES[2], read(data, FILES[2])[::-1])


def renamed_classes(data: Path) -> None:
    (data / "classes.txt").write_text("\n".join("abcdefghij"))


CHANGES = (other_images, more_images, another_class, other_test_images, renamed_classes)


@pytest.mark.parametrize("change", CHANGES)
def test_run_is_not_resumed_or_exported_with_other_data(
    change: Any, trained: Trained, tmp_path: Path, capsys: Captured
) -> None:
    change(trained.data)
    before = {path: path.read_bytes() for path in trained.run.iterdir()}
    capsys.readouterr()
    for command, words in ((train, trained.words), (export, [str(trained.run), str(tmp_path / "out")])):
        assert command(words) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "--new" in line
        assert "class" in line
    assert {path: path.read_bytes() for path in trained.run.iterdir()} == before
    assert not (tmp_path / "out").exists()
    assert list(trained.run.parent.iterdir()) == [trained.run]


def test_new_starts_a_run_on_other_data(trained: Trained, capsys: Captured) -> None:
    other_images(trained.data)
    assert train([*trained.words, "--new"]) == 0
    runs = sorted(trained.run.parent.iterdir())
    assert len(runs) == 2
    checksums = [json.loads((run / "options.json").read_text())["data"]["sha256"] for run in runs]
    assert checksums[0] != checksums[1]
    other_images(trained.data)  # back to the first data
    capsys.readouterr()
    assert train(trained.words) == 0
    assert str(Path("runs") / runs[0].name) in capsys.readouterr().out


def test_run_without_a_data_record_is_not_resumed(trained: Trained, capsys: Captured) -> None:
    options = trained.options
    del options["data"]
    (trained.run / "options.json").write_text(json.dumps(options))
    assert train(trained.words) == 1
    assert "--new" in capsys.readouterr().err


def test_record_counts_the_images_of_each_class(trained: Trained) -> None:
    classes = trained.options["data"]["classes"]
    labels, tests = read(trained.data, FILES[1]), read(trained.data, FILES[3])
    assert list(classes) == list("0123456789")
    for label, record in enumerate(classes.values()):
        assert record["training"] == (labels == label).sum()
        assert record["test"] == (tests == label).sum()


def test_options_metadata_and_card_have_resolved_values(trained: Trained) -> None:
    info = Generator(trained.run / "dense.onnx").info
    recorded = trained.options
    assert info.recipe["options"] == {part: recorded[part] for part in ("training", "model")}
    assert recorded["training"]["device"] in ("cpu", "cuda")
    assert recorded["training"]["threads"] == process.default_threads()
    assert recorded["model"]["precision"] == "float32"
    card = (trained.run / "dense.md").read_text()
    (row,) = [line for line in card.splitlines() if line.startswith("| trained with |")]
    assert recorded["training"]["device"] in row
    assert str(recorded["training"]["threads"]) in row


def test_run_resumes_with_its_recorded_threads(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    options = trained.options
    options["training"]["threads"] = 3
    options["training"]["model"] = options["training"].pop("network")  # the former name
    (trained.run / "options.json").write_text(json.dumps(options))
    assert train(trained.words) == 0
    assert list(trained.run.parent.iterdir()) == [trained.run]
    assert Generator(trained.run / "dense.onnx").info.recipe["options"]["training"]["threads"] == 3


def test_versions_are_those_of_the_training(trained: Trained) -> None:
    options = trained.options
    (start,) = options["starts"]
    later = {"step": 3, "device": "cpu", "versions": start["versions"] | {"torch": "9.9"}}
    options["starts"] = [start, later]
    (trained.run / "options.json").write_text(json.dumps(options))
    assert export([str(trained.run), "out"]) == 0
    versions = Generator(Path("out/dense.onnx")).info.recipe["versions"]
    assert start["versions"]["torch"] in versions["torch"]
    assert "9.9" in versions["torch"]
    assert versions["python"] == start["versions"]["python"]


@pytest.mark.parametrize("data", ["my digits", "-digits", "it's", "$HOME"])
def test_command_of_a_plan_is_quoted(data: str) -> None:
    plan = resolved(Plan(Options(data=data, epochs=3), MultiresOptions(penalty=0.5)))
    _, *words = shlex.split(plan.command())
    assert _plan(_parse(words)) == plan


def test_auto_requests_any_recorded_value() -> None:
    kind = model_options("dense")
    recorded = Plan(Options(network="dense", device="cpu", threads=3), kind(precision="bfloat16"))
    assert Plan(Options(network="dense"), kind()).requests(recorded)
    assert Plan(Options(network="dense", threads=3), kind()).requests(recorded)
    assert not Plan(Options(network="dense", threads=2), kind()).requests(recorded)
    assert not Plan(Options(network="dense", device="cuda"), kind()).requests(recorded)
    assert not Plan(Options(network="dense"), kind(precision="float32")).requests(recorded)


@pytest.mark.parametrize(
    ("cores", "variable", "local", "expected"),
    [
        (6, None, 1, 6),
        (6, "2", 1, 2),
        (6, "2,4", 1, 2),
        (6, "64", 1, 6),
        (6, "x", 1, 6),
        (6, None, 4, 1),
        (6, "1", 2, 3),  # what torchrun sets by itself
        (6, "2", 2, 2),
    ],
)
def test_threads_follow_cores_and_environment(
    cores: int, variable: str | None, local: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "usable_cores", lambda: cores)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    for name, value in {"RANK": 0, "WORLD_SIZE": local, "LOCAL_RANK": 0, "LOCAL_WORLD_SIZE": local}.items():
        monkeypatch.setenv(name, str(value))
    assert process.default_threads() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity here")
def test_threads_follow_the_cpu_affinity(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert threads.usable_cores() == 1
    assert train(["--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["training"]["threads"] == 1

"""A diverging training ends with one line, keeps its last good checkpoint and exports nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from scorp_runtime.cli.main import main as scorp_gen
from scorp_runtime.imaging.ink import blank_class
from scorp_runtime.model.onnx_reader import parse
from scorp_runtime.model.validation import weights_sha256
from scorp_train.cli.export import main as export
from scorp_train.cli.train import main
from scorp_train.models.family.fully_connected import DenseGan
from scorp_train.models.multires.recipe import MultiresGan

Captured = pytest.CaptureFixture[str]
Train = Callable[..., int]


@pytest.fixture
def train(digits: Path, tmp_path: Path) -> Train:
    """Train in this process: train(*options) -> exit code."""
    words = ["--data", str(digits), "--runs", str(tmp_path / "runs"), "--threads", "1", "--batch", "64"]
    return lambda *more: main([*words, "--precision", "float32", *more])


def last_line(capsys: Captured) -> str:
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("model", ["dense", "mlp", "vae"])
def test_diverged_training_repeats_its_line(
    model: str, train: Train, tmp_path: Path, capsys: Captured
) -> None:
    lines = []
    for _ in range(2):
        assert train("--network", model, "--epochs", "1", "--rate", "1e30") == 1
        lines.append(last_line(capsys))
    assert lines[0] == lines[1]
    assert "step" in lines[0]
    assert "--rate 1e+30" in lines[0]
    (run,) = (tmp_path / "runs").iterdir()
    assert not list(run.glob("*.onnx"))
    assert not (run / "checkpoint.pt").exists()


def spoil(
    model: Any, step: int, statistics: Mapping[str, torch.Tensor], what: str
) -> dict[str, torch.Tensor]:
    if step == 8 and what == "loss":
        return {**statistics, "generator_loss": torch.tensor(torch.nan)}
    if step == 8:
        with torch.no_grad():
            next(model.networks["generator"].parameters()).view(-1)[0] = torch.inf
        if what == "crash":
            raise RuntimeError("index -9223372036854775808 is out of bounds")
    return dict(statistics)


@pytest.mark.parametrize("what", ["loss", "weight", "crash"])
def test_last_good_checkpoint_is_kept(
    what: str, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    step = DenseGan.train_step

    def broken(self: Any, batch: Any, number: int, random: Any) -> dict[str, torch.Tensor]:
        return spoil(self, number, step(self, batch, number, random), what)

    words = ("--network", "dense", "--epochs", "2")
    with monkeypatch.context() as patch:
        patch.setattr(DenseGan, "train_step", broken)
        assert train(*words) == 1
        first = last_line(capsys)
        assert train(*words) == 1
        assert last_line(capsys) == first
    assert "diverged" in first
    if what == "loss":
        assert "step 9" in first
    (run,) = (tmp_path / "runs").iterdir()
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    assert state["step"] == 6  # the end of the first epoch
    assert all(value.isfinite().all() for value in state["networks"].values())
    assert train(*words) == 0


def test_stage_and_its_rate_are_named(
    train: Train, monkeypatch: pytest.MonkeyPatch, sizes: list[str], capsys: Captured
) -> None:
    step = MultiresGan.train_step

    def broken(self: Any, batch: Any, number: int, random: Any) -> dict[str, torch.Tensor]:
        statistics = step(self, batch, number, random)
        return {**statistics, "picture_loss": torch.tensor(torch.inf)} if number == 5 else statistics

    monkeypatch.setattr(MultiresGan, "train_step", broken)
    assert train(*sizes, "--epochs", "2") == 1
    line = last_line(capsys)
    assert "step 6" in line
    assert "codes" in line
    assert "--codes-rate" in line


def test_checkpoint_that_is_not_finite_is_refused(train: Train, tmp_path: Path, capsys: Captured) -> None:
    assert train("--network", "dense", "--epochs", "1") == 0
    (run,) = (tmp_path / "runs").iterdir()
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    next(iter(state["networks"].values())).view(-1)[0] = torch.nan
    torch.save(state, run / "checkpoint.pt")
    for code in (train("--network", "dense", "--epochs", "1"), export([str(run), str(tmp_path / "out")])):
        assert code == 1
    assert "not finite" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_generator_of_blank_images_is_not_exported(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    original = DenseGan.export_module

    def blank(self: Any, step: int) -> torch.nn.Module:
        generator = original(self, step)
        with torch.no_grad():
            last = generator.network.layers[-2]
            last.weight.zero_()
            last.bias.fill_(-9.0)
        return generator

    monkeypatch.setattr(DenseGan, "export_module", blank)
    for _ in range(2):
        assert train("--network", "dense", "--epochs", "1") == 1
        assert "blank" in last_line(capsys)
    assert not list((tmp_path / "runs").glob("*/*.onnx"))


def test_check_refuses_a_model_of_blank_images(train: Train, tmp_path: Path, capsys: Captured) -> None:
    assert train("--network", "dense", "--epochs", "1") == 0
    (file,) = (tmp_path / "runs").glob("*/dense.onnx")
    assert scorp_gen(["check", "--model", str(file)]) == 0
    model = onnx.load(file)
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(np.zeros_like(numpy_helper.to_array(tensor)), tensor.name))
    properties = {entry.key: entry.value for entry in model.metadata_props}
    properties["weights_sha256"] = weights_sha256(parse(model.SerializeToString()).initialisers)
    onnx.helper.set_model_props(model, properties)
    blank = tmp_path / "blank.onnx"
    blank.write_bytes(model.SerializeToString())
    assert scorp_gen(["check", "--model", str(blank)]) == 3
    assert "blank" in last_line(capsys)


def test_class_is_blank_if_most_images_are_uniform() -> None:
    images = np.zeros((6, 4, 4), np.uint8)
    images[:3, 1, 1] = 255
    images[5] = 7
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert blank_class(images, labels) == 1
    assert blank_class(images[:3], labels[:3]) is None
    assert blank_class(images[[0, 3]], np.array([0, 0])) is None

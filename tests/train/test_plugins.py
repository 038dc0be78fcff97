"""Models of other packages train and export like our own."""

import json
from pathlib import Path

import pytest

from scorp_runtime import Generator

PLUGIN = '''
"""Draws the mean image of each class."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class MeanOptions:
    rate: float = 0.5
    centred: bool = False
    offset: float = 0.0


class Means(nn.Module):
    def __init__(self, classes, side):
        super().__init__()
        self.means = nn.Parameter(torch.zeros(classes, side, side))
        self.moves = 0

    def _apply(self, *arguments, **named):
        self.moves += 1  # `.to(device)`, `.cpu()` and the like
        return super()._apply(*arguments, **named)

    def forward(self, noise, label, style):
        unused = (noise.sum(1) + style.sum(1)).reshape(-1, 1, 1) * 0.0
        return (self.means[label] * 255.0 + unused).clamp(0.0, 255.0).to(torch.uint8)


class Mean:
    Options = MeanOptions
    architecture = "class means"
    latent = 1

    def __init__(self, task, options):
        self.networks = nn.ModuleDict({"generator": Means(len(task.classes), task.side)})
        self.optimizers = {"generator": torch.optim.SGD(self.networks.parameters(), options.rate)}

    def train_step(self, batch, step, random):
        network = self.networks["generator"]
        assert network.training
        assert network.moves == 1, "only the trainer's first move to its device reaches the live network"
        loss = (self.networks["generator"].means[batch.labels] - batch.images[:, 0]).square().sum() / len(batch.labels)
        self.optimizers["generator"].zero_grad()
        loss.backward()
        self.optimizers["generator"].step()
        return {"loss": loss.detach()}

    def export_module(self, step):
        return self.networks["generator"]

    def exact(self, step):
        return False
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the path whose metadata registers a model."""
    packages = tmp_path / "packages"
    information = packages / "mean_digits-1.0.dist-info"
    information.mkdir(parents=True)
    (packages / "mean_digits.py").write_text(PLUGIN)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: mean-digits\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[scorp.models]\nmean = mean_digits:Mean\n")
    monkeypatch.setenv("PYTHONPATH", str(packages))


def test_plugin_trains_and_exports(plugin, scorp_train, digits: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    result = scorp_train(
        "--network", "mean", "--data", str(digits), "--runs", str(runs), "--epochs", "3", "--rate", "2"
    )
    assert result.returncode == 0, result.stderr
    (run,) = runs.iterdir()
    generator = Generator(run / "digits.onnx")
    assert generator.info.architecture == "class means"
    assert not generator.info.exact
    zero, one = generator.generate([0, 1], seed=0).images
    assert zero[14, 14] < 100 < one[14, 14]


def test_plugin_options_are_command_options(plugin, scorp_train) -> None:
    assert scorp_train("--network", "mean", "--dry-run", "--penalty", "1").returncode == 2
    for words, centred in (((), False), (("--centred",), True), (("--centred", "--no-centred"), False)):
        result = scorp_train("--network", "mean", "--dry-run", *words)
        assert json.loads(result.stdout)["model"]["centred"] is centred
    assert scorp_train("--network", "mean", "--dry-run", "--centred", "False").returncode == 2
    assert scorp_train("--network", "mean", "--dry-run", "--rate", "nan").returncode == 2

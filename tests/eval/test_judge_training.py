"""`scorp-judge` trains a judge, whose stored weights read like the network."""

import json

import numpy as np
import pytest
import torch

from scorp_train.cli.judge import main
from scorp_train.judge import Judge, training
from scorp_train.judge.augment import deform
from scorp_train.judge.export import build
from scorp_train.judge.network import JudgeNetwork


def test_the_command_trains_and_writes(idx_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "AVERAGE", 0.8)  # 36 steps are too few for the average of a full training
    assert main(["--data", str(idx_folder), "--epochs", "3", "--output", str(tmp_path / "new")]) == 0
    card = json.loads(capsys.readouterr().out)
    path = tmp_path / "new" / f"{idx_folder.name}.onnx"
    judge = Judge.open(path)
    assert judge.card == card
    assert card["accuracy"] > 0.5
    assert f"{card['accuracy']:.2%}" in path.with_suffix(".md").read_text()


def test_the_file_reads_like_the_network(drawn):
    torch.manual_seed(0)
    network = JudgeNetwork(10).eval()
    metadata = {"name": "test", "classes": json.dumps(list("0123456789")), "card": "{}"}
    images = drawn.test.images[:50]
    with torch.inference_mode():
        logits, features = network(torch.from_numpy(images).unsqueeze(1).float() / 255)
    reading = Judge(build(network, metadata).SerializeToString(), "test").read(images)
    # Weights are stored in eight bits: the results are close, not equal.
    assert np.abs(reading.features - features.numpy()).max() < 0.03 * features.abs().max()
    assert np.abs(reading.logits - logits.numpy()).max() < 0.05 * logits.abs().max()


def test_deformation_is_small_and_follows_its_generator(drawn):
    images = torch.from_numpy(drawn.test.images[:50]).unsqueeze(1).float() / 255
    first, again = (deform(images, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert first.shape == images.shape
    assert not torch.equal(first, images)
    assert first.sum().item() == pytest.approx(images.sum().item(), rel=0.1)

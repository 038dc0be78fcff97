"""Every model of the family trains, resumes to the same bits, exports and draws in the runtime."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scorp_runtime import Generator
from scorp_runtime.cli.main import main as scorp_gen
from scorp_train.cli.train import main
from scorp_train.errors import RunError
from scorp_train.training import trainer

FAMILY = {
    "dense": ["--sample-steps", "0,3"],
    "digit-generator": ["--low", "4", "--mid", "4", "--high", "4", "--discriminator-width", "4"],
    "mlp": ["--learning-rate", "adaptive", "--too-often", "0.1"],
    "scorp": ["--width", "4", "--rate", "0.01", "--fade-steps", "2", "--window", "2"],
    "single-class": ["--only", "7", "--batch", "8"],
    "vae": ["--width", "2", "--hidden", "16"],
}
ADVERSARIAL = {"discriminator_loss", "generator_loss", "accuracy_real", "accuracy_fake"}
Train = Callable[..., Path]


@pytest.fixture(scope="module")
def train(digits: Path) -> Train:
    """Train two short epochs in this process: train(model, runs, *more options) -> the run folder."""

    def run(model: str, runs: Path, *more: str, code: int = 0) -> Path:
        short = ["--epochs", "2", "--batch", "64", "--threads", "1"]
        words = ["--network", model, *short, *FAMILY[model], *more]
        assert main([*words, "--data", str(digits), "--runs", str(runs)]) == code
        (folder,) = runs.iterdir()
        return folder

    return run


@pytest.fixture(scope="module")
def trained(train: Train, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Return the run folder of a model trained once for all tests, which only read it."""
    return cache(lambda model: train(model, tmp_path_factory.mktemp(model)))


@pytest.fixture
def interrupted(train: Train, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Train like that, but stop right after the first checkpoint."""

    def run(model: str, runs: Path) -> Path:
        def save(*arguments: object) -> None:
            saved(*arguments)
            raise RunError("interrupted")

        saved = trainer.save_checkpoint
        with monkeypatch.context() as patched:
            patched.setattr(trainer, "save_checkpoint", save)
            return train(model, runs, code=1)

    return run


def tensors(run: Path) -> dict[str, torch.Tensor]:
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    flat = dict(state["networks"])
    for name, optimizer in state["optimizers"].items():
        flat |= {
            f"{name}.{number}.{key}": value
            for number, moments in optimizer["state"].items()
            for key, value in moments.items()
        }
        flat[f"{name}.rate"] = torch.tensor(optimizer["param_groups"][0]["lr"])
    return flat


@pytest.mark.parametrize("model", FAMILY)
def test_model_resumes_to_the_same_bits_and_draws(
    model: str, train: Train, trained: Train, interrupted: Train, tmp_path: Path
) -> None:
    whole = trained(model)
    first = interrupted(model, tmp_path / "resumed")
    assert not list(first.glob("*.onnx"))
    resumed = train(model, tmp_path / "resumed")
    ours, theirs = tensors(resumed), tensors(whole)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []
    (file,) = whole.glob("*.onnx")
    assert (resumed / file.name).read_bytes() == file.read_bytes()
    generator = Generator(file)
    assert not generator.info.exact
    batch = generator.generate("all", 12, seed=0)
    assert batch.images.shape == (12, 28, 28)
    assert len(np.unique(batch.images, axis=0)) > 1


@pytest.mark.parametrize("model", FAMILY)
def test_log_has_losses_and_accuracies(model: str, trained: Train) -> None:
    run = trained(model)
    lines = [json.loads(line) for line in (run / "statistics.jsonl").read_text().splitlines()]
    expected = {"reconstruction_loss", "divergence_loss"} if model == "vae" else ADVERSARIAL
    for line in lines:
        assert expected <= line["statistics"].keys()
        assert all(0 <= value <= 1 for name, value in line["statistics"].items() if "accuracy" in name)
    assert (run / "curves.png").exists()
    with Image.open(run / "samples-0002.png") as sheet:
        assert sheet.size == (2 * (24 * 28 + 12), 2 * 10 * 28)


@pytest.mark.parametrize("model", ["dense", "mlp", "scorp"])
def test_unconditional_model_refuses_a_class(
    model: str, trained: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = trained(model).glob("*.onnx")
    capsys.readouterr()
    assert scorp_gen(["7", str(tmp_path / "seven.png"), "--model", str(file)]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert "'7'" in error
    assert "'any'" in error
    assert not (tmp_path / "seven.png").exists()
    assert scorp_gen(["any", str(tmp_path / "sheet.png"), "--count", "4", "--model", str(file)]) == 0
    assert (tmp_path / "sheet.png").exists()


def test_single_class_keeps_its_name(trained: Train) -> None:
    (file,) = trained("single-class").glob("*.onnx")
    generator = Generator(file)
    assert generator.classes == ("7",)
    assert generator.info.dataset["images"] < 60
    assert generator.generate("7", 3, seed=1).images.shape == (3, 28, 28)


@pytest.mark.parametrize(("words", "code", "named"), [([], 2, "--only"), (["--only", "x"], 1, "'x'")])
def test_single_class_must_be_in_the_data(
    words: list[str], code: int, named: str, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ["--data", str(digits), "--runs", str(tmp_path / "runs")]
    assert main(["--network", "single-class", *words, *runs]) == code
    (error,) = capsys.readouterr().err.splitlines()
    assert named in error
    assert not (tmp_path / "runs").exists()


def test_samples_after_chosen_steps(trained: Train) -> None:
    run = trained("dense")
    assert sorted(path.name for path in run.glob("samples-step-*")) == [
        "samples-step-000000.png", "samples-step-000003.png"
    ]  # fmt: skip


def test_reconstructions_are_scored(trained: Train) -> None:
    run = trained("vae")
    scores = Generator(run / "vae.onnx").info.scores
    assert 0 <= scores["paired_mse"] <= 1
    assert -1 <= scores["paired_ssim"] <= 1
    last = json.loads((run / "statistics.jsonl").read_text().splitlines()[-1])
    assert {"paired_ssim", "paired_mse"} <= last["scores"].keys()


def test_growing_model_reaches_full_size_and_ends_early(train: Train, tmp_path: Path) -> None:
    # So tolerant that every second window counts as converged.
    run = train("scorp", tmp_path, "--epochs", "9", "--window", "3", "--tolerance", "1000", "--patience", "1")
    lines = [json.loads(line) for line in (run / "statistics.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] < 54
    assert lines[-1]["statistics"]["resolution"] == 28
    assert (run / "scorp.onnx").exists()


def test_model_name_is_a_preset(capsys: pytest.CaptureFixture[str]) -> None:
    def resolved(*words: str) -> dict[str, dict[str, object]]:
        assert main(["--dry-run", *words]) == 0
        options: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
        return options

    assert resolved("--preset", "mlp") == resolved("--network", "mlp")
    assert resolved("--model", "mlp") == resolved("--network", "mlp")  # the former name
    training = resolved("--network", "mlp", "--batch", "32")["training"]
    assert (training["epochs"], training["batch"], training["name"]) == (550, 32, "mlp")


def test_growing_model_exports_while_fading(train: Train, tmp_path: Path) -> None:
    run = train("scorp", tmp_path, "--fade-steps", "1000")
    assert Generator(run / "scorp.onnx").generate("any", 2).images.any()

"""`scorp-eval compare` measures several models in the same way."""

import json
from pathlib import Path

import pytest

from scorp_runtime import Generator
from scorp_train.cli.evaluate import main
from scorp_train.cli.train import main as scorp_train
from scorp_train.evaluation import comparison, sample_sizes
from scorp_train.export import release as export_command
from scorp_train.training import trainer


@pytest.fixture(scope="module")
def runs(tmp_path_factory, idx_folder):
    """Finished runs of a GAN with two seeds, of a VAE, and of a GAN of one class."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        for module in (trainer, export_command):
            patch.setattr(module, "SCORED", 100)
        words = ["--data", str(idx_folder), "--runs", str(folder), "--epochs", "1", "--threads", "1"]
        for model in (["dense"], ["dense", "--seed", "1"], ["vae"], ["single-class", "--only", "7"]):
            assert scorp_train(["--network", *model, *words]) == 0
    return folder


@pytest.fixture(scope="module")
def report(runs, idx_folder, tmp_path_factory, tiny_sizes):
    """A report on them."""
    folder = tmp_path_factory.mktemp("report")
    models = [str(next(runs.glob(f"{number}-*"))) for number in ("00000", "00002", "00003")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_sizes, "QUICK", tiny_sizes)
        patch.setattr(comparison, "SPEED_SECONDS", 0.01)
        words = ["--quick", "--data", str(idx_folder), "--judge", "mnist", "--stability", str(runs)]
        assert main(["compare", *models, *words, "--report", str(folder)]) == 0
    return folder


def test_models_are_measured_in_the_same_way_with_their_costs(report: Path, runs: Path) -> None:
    fields = json.loads((report / "comparison.json").read_text())
    assert list(fields["models"]) == ["dense", "vae", "single_class"]
    dense, vae, single = fields["models"].values()
    assert dense["figures"].keys() < vae["figures"].keys()  # only the VAE is conditional
    assert dense["figures"]["frechet_distance"]["real"] == vae["figures"]["frechet_distance"]["real"]
    assert single["figures"]["frechet_distance"]["real"] != vae["figures"]["frechet_distance"]["real"]
    model = Generator(next(runs.glob("00000-*")) / "dense.onnx")
    assert dense["costs"]["size"] == len(model.model_file.read())
    assert dense["costs"]["seen"] == 25 * 64
    assert dense["costs"]["minutes"] > 0
    assert (dense["stability"]["seeds"], vae["stability"]) == (2, None)
    assert vae["info"]["paired"].keys() == {"paired_ssim", "paired_mse"}


def test_the_report_shows_all_models(report: Path) -> None:
    text = (report / "comparison.md").read_text()
    for title in ("dense", "vae", "single_class"):
        assert f"](sheet-{title}.png)" in text
        assert (report / f"sheet-{title}.png").exists()
    assert (report / "figures.png").exists()


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        ("digits", 2, "compare needs at least two models"),
        ("digits nowhere.onnx", 3, "nowhere.onnx"),
        ("digits tests", 2, "tests is not the run folder"),
        ("digits digits --report file", 1, "file is a file, not a folder"),
        ("digits digits --stability nowhere", 1, "nowhere holds no two finished runs"),
    ],
)
def test_an_error_is_one_line(
    words: str, code: int, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "file").write_bytes(b"of mine")
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *words.split()]) == code
    (error,) = capsys.readouterr().err.splitlines()
    assert named in error

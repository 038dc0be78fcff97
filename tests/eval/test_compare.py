"""`scorp-eval compare`: models measured alike."""

import json
from pathlib import Path

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_train.cli.evaluate import main
from scorp_train.cli.train import main as scorp_train
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES
from scorp_train.evaluation import comparison, sample_sizes
from scorp_train.export import release as export_command
from scorp_train.training import trainer


@pytest.fixture(scope="module")
def data(tmp_path_factory, drawn):
    """Drawn digits as a folder of IDX files."""
    folder = tmp_path_factory.mktemp("data")
    splits = (drawn.train.images, drawn.train.labels, drawn.test.images, drawn.test.labels)
    for name, array in zip(FILES, splits, strict=True):
        (folder / name).write_bytes(format_idx(array.astype(np.uint8)))
    return str(folder)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data):
    """Finished runs of a GAN in two seeds, of a VAE, and of a GAN of one class."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        for module in (trainer, export_command):
            patch.setattr(module, "SCORED", 100)
        words = ["--data", data, "--runs", str(folder), "--epochs", "1", "--threads", "1"]
        for model in (["dense"], ["dense", "--seed", "1"], ["vae"], ["single-class", "--only", "7"]):
            assert scorp_train(["--model", *model, *words]) == 0
    return folder


@pytest.fixture(scope="module")
def report(runs, data, tmp_path_factory, tiny_plan):
    """A report on them, made once."""
    folder = tmp_path_factory.mktemp("report")
    models = [str(next(runs.glob(f"{number}-*"))) for number in ("00000", "00002", "00003")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_sizes, "QUICK", tiny_plan)
        patch.setattr(comparison, "SPEED_SECONDS", 0.01)
        words = ["--quick", "--data", data, "--judge", "mnist", "--stability", str(runs)]
        assert main(["compare", *models, *words, "--report", str(folder)]) == 0
    return folder


def test_every_model_is_measured_alike_with_its_costs(report: Path, runs: Path) -> None:
    fields = json.loads((report / "comparison.json").read_text())
    assert list(fields["models"]) == ["dense", "vae", "single_class"]
    dense, vae, single = fields["models"].values()
    assert (
        dense["figures"].keys() < vae["figures"].keys()
    )  # labels can be scored of the one that is told them
    assert dense["figures"]["frechet_distance"]["real"] == vae["figures"]["frechet_distance"]["real"]
    assert single["figures"]["frechet_distance"]["real"] != vae["figures"]["frechet_distance"]["real"]
    model = Generator(next(runs.glob("00000-*")) / "dense.onnx")
    assert dense["costs"]["size"] == len(model.model_file.read())
    assert dense["costs"]["seen"] == 25 * 64
    assert dense["costs"]["minutes"] > 0
    assert (dense["stability"]["seeds"], vae["stability"]) == (2, None)
    assert vae["info"]["paired"].keys() == {"paired_ssim", "paired_mse"}


def test_the_report_shows_all_models_and_every_picture_is_there(report: Path) -> None:
    text = (report / "comparison.md").read_text()
    for title in ("dense", "vae", "single_class"):
        assert f"](sheet-{title}.png)" in text
        assert (report / f"sheet-{title}.png").exists()
    assert (report / "figures.png").exists()


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        pytest.param(
            words.split(),
            code,
            named,
            marks=pytest.mark.fault("scorp-eval compare", f"`{words}`", f"exit {code}: {named}"),
        )
        for words, code, named in (
            ("digits", 2, "compare needs two models at least"),
            ("digits nowhere.onnx", 3, "nowhere.onnx"),
            ("digits tests", 2, "tests is no run folder of a finished training"),
            ("digits digits --count 0", 2, "0 is not between 1 and 1000000"),
            ("digits digits --report file", 1, "file is a file, not a folder"),
            ("digits digits --report file/report", 1, "file is a file, not a folder"),
            ("digits digits --stability nowhere", 1, "nowhere holds no two finished runs"),
            ("digits digits --data nowhere", 1, "no data set 'nowhere'"),
        )
    ],
)
def test_what_cannot_be_compared_is_one_line(
    words: list[str], code: int, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "file").write_bytes(b"of mine")
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *words]) == code
    (error,) = capsys.readouterr().err.splitlines()
    assert named in error


def test_stability_needs_two_seeds(tmp_path: Path, capsys) -> None:
    assert main(["compare", "digits", "digits", "--stability", str(tmp_path)]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "seed" in error

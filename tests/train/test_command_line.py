"""The manners of `scorp-train`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scorp_train.cli.train import main
from scorp_train.models.registry import model_class, model_names, model_options

Captured = pytest.CaptureFixture[str]


def test_dry_run_prints_the_resolved_options_and_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    assert main(["--dry-run", "--epochs", "7", "--penalty", "0.25", "--runs", str(tmp_path / "runs")]) == 0
    options = json.loads(capsys.readouterr().out)
    assert (options["training"]["epochs"], options["model"]["penalty"]) == (7, 0.25)
    assert options["training"]["model"] == "multires"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--epochs", "0"]])
def test_what_needs_no_training_is_answered_without_torch(words: list[str]) -> None:
    program = f"""
import sys
from scorp_train.cli.train import main
try:
    main({words})
except SystemExit:
    pass
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode == 0


def test_options_declared_apart_are_those_of_the_model() -> None:
    for name in model_names():
        assert model_options(name) is model_class(name).Options


def test_a_preset_sets_what_the_command_line_leaves_open(capsys: Captured) -> None:
    def resolved(*words: str) -> dict[str, dict[str, object]]:
        assert main(["--dry-run", *words]) == 0
        options: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
        return options

    plain, sketch = resolved(), resolved("--preset", "sketch")
    assert resolved("--preset", "digits") == plain
    assert sketch["training"]["epochs"] < plain["training"]["epochs"]
    assert sketch["model"] == plain["model"]
    assert resolved("--preset", "sketch", "--epochs", "7")["training"]["epochs"] == 7


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--epoch", "3"], "--epoch"),
        (["--no-such-option", "1"], "--no-such-option"),
        (["--epochs", "many"], "many"),
        (["--epochs", "0"], "--epochs"),
        (["--model", "no-such-model"], "no-such-model"),
        (["--device", "abacus"], "abacus"),
        (["--code", "0"], "code"),
        (["--preset", "no-such-preset"], "no-such-preset"),
        (["--precision", "float8"], "float8"),
        (["--codes-share", "0.9"], "shares"),
    ],
)
def test_wrong_usage_names_the_culprit(words: list[str], named: str, capsys: Captured) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err.splitlines()
    assert named in error[-1]


def test_missing_data_is_one_line_that_names_the_place(tmp_path: Path, capsys: Captured) -> None:
    missing = tmp_path / "nowhere"
    assert main(["--data", str(missing), "--runs", str(tmp_path / "runs")]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert str(missing) in error
    assert not (tmp_path / "runs").exists()


def test_a_run_folder_that_cannot_be_made_is_one_line(digits: Path, scorp_train, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    result = scorp_train("--data", str(digits), "--runs", str(tmp_path / "runs"), "--epochs", "1")
    assert result.returncode == 1
    (error,) = result.stderr.splitlines()
    assert "runs" in error

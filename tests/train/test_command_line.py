"""The command line of `scorp-train`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scorp_train.cli.train import main
from scorp_train.models.registry import model_class, model_names, model_options

Captured = pytest.CaptureFixture[str]


def test_dry_run_prints_options_and_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    assert main(["--dry-run", "--epochs", "7", "--penalty", "0.25", "--runs", str(tmp_path / "runs")]) == 0
    options = json.loads(capsys.readouterr().out)
    assert (options["training"]["epochs"], options["model"]["penalty"]) == (7, 0.25)
    assert options["training"]["network"] == "multires"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--epochs", "0"]])
def test_help_and_wrong_usage_do_not_load_torch(words: list[str]) -> None:
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


def test_options_declared_apart_equal_those_of_the_model() -> None:
    for name in model_names():
        assert model_options(name) is model_class(name).Options


def test_command_line_overrides_a_preset(capsys: Captured) -> None:
    def resolved(*words: str) -> dict[str, dict[str, object]]:
        assert main(["--dry-run", *words]) == 0
        options: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
        return options

    plain, sketch = resolved(), resolved("--preset", "sketch")
    assert resolved("--preset", "digits") == plain
    assert sketch["training"]["epochs"] < plain["training"]["epochs"]
    assert sketch["model"] == plain["model"]
    assert resolved("--preset", "sketch", "--epochs", "7")["training"]["epochs"] == 7


def test_help_all_shows_the_options_that_help_leaves_out(capsys: Captured) -> None:
    assert main(["--help"]) == main(["--help-all"]) == 0
    short, full = capsys.readouterr().out.split("usage:")[1:]
    assert "--epochs" in short
    assert "--codes-share" not in short
    assert "--codes-share" in full
    assert "--network" in short
    assert "--model" not in full


def test_automatic_threads_are_the_default(capsys: Captured) -> None:
    plans = []
    for words in ([], ["--threads", "auto"], ["--threads", "0"]):
        assert main(["--dry-run", *words]) == 0
        plans.append(capsys.readouterr().out)
    assert plans[0] == plans[1] == plans[2]


def test_unwritable_run_folder_is_one_line(digits: Path, scorp_train, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    result = scorp_train("--data", str(digits), "--runs", str(tmp_path / "runs"), "--epochs", "1")
    assert result.returncode == 1
    (error,) = result.stderr.splitlines()
    assert "runs" in error

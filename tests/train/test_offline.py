"""A training stays offline and writes only to its run folder and the documented cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NO_SOCKETS = Path(__file__).parents[1] / "no_sockets.py"


def test_training_opens_no_sockets_and_writes_only_the_cache(digits: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    settings = {"ORT_DISABLE_TELEMETRY", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    words = ["--network", "dense", "--data", str(digits), "--epochs", "1", "--threads", "1"]
    code = f"from scorp_train.cli.train import main; sys.exit(main({[*words, '--runs', str(tmp_path / 'runs')]}))"
    result = subprocess.run(
        [sys.executable, "-P", str(NO_SOCKETS), code],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        check=False,
    )
    if result.returncode == 77:
        pytest.skip("this kernel cannot forbid sockets")
    assert result.returncode == 0, result.stderr
    files = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    assert {file.parts[:2] for file in files} <= {(".cache", "scorp")}
    assert {path.name for path in home.iterdir()} <= {".cache"}

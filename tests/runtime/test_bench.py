"""`scorp-gen bench` measures the requested model and names the machine."""

import json
from pathlib import Path

import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import bench
from scorp_runtime.cli.main import main


@pytest.mark.parametrize("words", [["--json"], []])
def test_the_figures_are_json(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.setattr(bench, "_SECONDS", 0.01)
    monkeypatch.setattr(bench, "_STARTS", 1)
    assert main(["bench", str(tiny_path), *words]) == 0
    out = capsys.readouterr().out
    assert (out.count("\n") == 1) == bool(words)
    result = json.loads(out)
    assert result["model"] == "tiny 1.0.0"
    assert result["model_sha256"] == Generator(tiny_path).model_sha256
    assert result["processor"]
    assert result["numpy"] is not None
    assert set(result["latency_seconds"]) == {"1", "64"}
    for figure in (
        result["latency_seconds"]["1"]["p50"],
        result["digits_per_second"]["1"],
        result["start_seconds"],
    ):
        assert figure > 0

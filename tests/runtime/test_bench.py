"""`scorp-gen bench` says what was measured, on what, and of which model."""

import json
import os
from pathlib import Path

import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import main
from scorp_runtime.commands import bench


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_ROUND", 0.01)
    monkeypatch.setattr(bench, "_STARTS", 1)
    for name in bench._ONE_CORE:
        monkeypatch.setenv(name, os.environ.get(name, "1"))  # so that it is put back afterwards


def test_a_line_of_json_has_the_figures(tiny_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", "--model", str(tiny_path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert document["model_sha256"] == Generator(tiny_path).model_sha256
    assert document["numpy"] is not None
    assert set(document["latency_seconds"]) == {"1", "64"}
    assert document["latency_seconds"]["1"]["p50"] > 0
    assert document["digits_per_second"]["1"] > 0
    macs, peak = document["multiply_adds_per_digit"], document["multiply_adds_per_second"]
    assert document["share_of_limit"] == pytest.approx(
        document["digits_per_second"]["1"] * macs / peak, abs=0.01
    )
    assert set(document["start_seconds"]) == {"imports", "64_digits"}


def test_the_table_names_machine_model_and_speeds(
    tiny_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--model", str(tiny_path)]) == 0
    out = capsys.readouterr().out
    for word in ("processor", "scorp-runtime", "tiny 1.0.0", "digits per second", "start: "):
        assert word in out

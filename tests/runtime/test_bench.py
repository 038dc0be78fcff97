"""`scorp-gen bench` measures the requested model and names the machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import bench
from scorp_runtime.cli.bench import latency
from scorp_runtime.cli.main import main
from scorp_runtime.model.bundled import bundled_names


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


@pytest.mark.parametrize(("seconds", "calls"), [(1.0, 2), (10.0, 5)])
def test_the_first_call_uses_time_but_is_not_in_the_figure(
    monkeypatch: pytest.MonkeyPatch, seconds: float, calls: int
) -> None:
    now = 0.0
    durations = iter([9.0, *[0.25] * 99])
    monkeypatch.setattr("time.perf_counter", lambda: now)

    def work() -> None:
        nonlocal now
        now += next(durations)

    assert latency(work, seconds) == (0.25, 0.25, 0.25)
    assert len(list(durations)) == 100 - calls


@pytest.mark.parametrize("name", bundled_names())
def test_the_process_that_is_timed_uses_the_same_model(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    commands: list[Any] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: commands.append(command))
    bench._start_up(Generator(name))
    assert commands[-1][-2:] == ["--model", name]

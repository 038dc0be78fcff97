"""`scorp-gen bench` says what was measured, on what, and of which model."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import bench
from scorp_runtime.cli.main import main
from scorp_runtime.cli.timing import latency
from scorp_runtime.model.bundled import bundled_names


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


@pytest.mark.parametrize("words", [["--json"], []])
def test_a_model_that_numpy_cannot_run_is_measured_without_numpy(
    proto: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    proto.graph.node[12].op_type = "Sigmoid"
    (tmp_path / "float.onnx").write_bytes(proto.SerializeToString())
    assert main(["bench", "--model", str(tmp_path / "float.onnx"), *words]) == 0
    out = capsys.readouterr().out
    if words:
        assert json.loads(out)["digits_per_second_numpy"] is None
    else:
        assert "NumPy backend" not in out


class Clock:
    """A clock that goes on only while something is done, and tells how long each took."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done: list[float] = []

    def work(self, seconds: float) -> None:
        self.now += seconds
        self.done.append(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.perf_counter", lambda: clock.now)
    return clock


@pytest.mark.parametrize(("time_for_it", "calls"), [(1.0, 2), (10.0, 5)])
def test_setting_up_takes_of_the_time_for_a_figure_but_is_not_in_it(
    clock: Clock, time_for_it: float, calls: int
) -> None:
    durations = iter([9.0, *[0.25] * 99])
    timed = latency(lambda: clock.work(next(durations)), time_for_it)
    assert (timed.fastest, timed.p50, timed.p99) == (0.25, 0.25, 0.25)
    assert len(clock.done) == calls


@pytest.mark.parametrize(("seconds", "starts"), [(0.5, 3), (4.0, 1)])
def test_a_slow_board_starts_once(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, generator: Generator, seconds: float, starts: int
) -> None:
    monkeypatch.setattr("subprocess.run", lambda command, **_: clock.work(seconds))
    monkeypatch.setattr(bench, "_STARTS", 3)
    assert bench._start_up(generator) == {"imports": seconds, "64_digits": seconds}
    assert len(clock.done) == 2 * starts


@pytest.mark.parametrize("name", bundled_names())
def test_what_starts_is_the_model_that_is_measured(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: commands.append(command))
    bench._start_up(Generator(name))
    assert commands[-1][-2:] == ["--model", name]

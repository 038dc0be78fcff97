"""Two processes started by torchrun train like one with both batches together."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from scorp_train.cli.train import main
from scorp_train.distributed.collectives import process_group, process_rows
from scorp_train.models.model_api import StepRandom
from scorp_train.training.resolution import training_device

# Without what depends on the batch of a process, and without coarse rounding.
EXACTLY = ["--style-weight", "0", "--precision", "float32"]


def networks(run: Path) -> dict[str, torch.Tensor]:
    """Return the weights of each network of a run, flattened."""
    state = torch.load(run / "checkpoint.pt", weights_only=True)["networks"]
    names = {name.split(".")[0] for name in state}
    return {
        network: torch.cat([each.flatten() for name, each in state.items() if name.startswith(f"{network}.")])
        for network in names
    }


def test_two_processes_resumed_equal_one_with_the_whole_batch(
    scorp_train, small, torchrun, tmp_path: Path
) -> None:
    alone = scorp_train(*small(tmp_path / "one", *EXACTLY))
    assert alone.returncode == 0, alone.stderr
    half = ["--batch", "32", *EXACTLY]
    with torchrun(tmp_path / "two", *half) as interrupted:
        for line in interrupted.stderr:
            if line.startswith("epoch"):
                interrupted.send_signal(signal.SIGTERM)
                break
        assert "interrupted" in interrupted.stderr.read()
    assert interrupted.returncode != 0
    with torchrun(tmp_path / "two", *half) as resumed:
        out, errors = resumed.communicate()
    assert resumed.returncode == 0, errors
    assert errors.count("step 6 of 12") == errors.count("epoch 2 of 2") == 1
    (one,), (two,) = (list((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert out.splitlines() == [str(two / "digits.onnx")]
    assert not list(two.glob(".*"))
    log = [json.loads(line) for line in (two / "statistics.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["step"]) for line in log] == [
        ("group", 6), ("epoch", 6), ("group", 12), ("epoch", 12)
    ]  # fmt: skip
    theirs = networks(one)
    for name, ours in networks(two).items():
        # Wrong rows or diverged processes would differ by about 1e-3; another order of sums by up to 5e-5.
        assert (ours - theirs[name]).abs().mean() < 2e-4, name


LEAVES_THE_GROUP = """
import sys
import weakref
import torch
import torch.distributed as dist
from scorp_train.distributed.collectives import averaged, process_group

with process_group(torch.device("cpu")):
    group = weakref.ref(dist.group.WORLD)
    torch.optim.Adam(torch.nn.Linear(1, 1).parameters())
    averaged(torch.ones(1))
sys.exit(group() is not None)
"""


def test_threads_end_with_the_process_group(tmp_path: Path) -> None:
    # Threads that outlive the group may abort Python at exit.
    script = tmp_path / "leaves_the_group.py"
    script.write_text(LEAVES_THE_GROUP)
    launch = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    result = subprocess.run([sys.executable, "-m", *launch, str(script)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def second_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment of the process that does not lead."""
    for name, value in {"RANK": 1, "WORLD_SIZE": 2, "LOCAL_RANK": 1, "LOCAL_WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))


def test_local_rank_selects_the_gpu(second_of_two, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", calls.append)
    monkeypatch.setattr(torch.distributed, "init_process_group", calls.append)
    monkeypatch.setattr(torch.distributed, "destroy_process_group", lambda: None)
    with process_group(training_device("cuda")):
        assert calls == [torch.device("cuda", 1), "cpu:gloo,cuda:nccl"]


@pytest.mark.parametrize("name", ["randn", "rand"])
def test_process_keeps_its_rows_of_the_random_numbers(name: str, second_of_two) -> None:
    random, common = StepRandom(), torch.Generator()
    random.manual_seed(3)
    common.manual_seed(3)
    step = getattr(torch, name)(8, 5, generator=common)
    assert torch.equal(getattr(random, name)(4, 5), step[1::2])
    assert torch.equal(random.get_state(), common.get_state())


def test_processes_have_equally_many_rows(second_of_two) -> None:
    assert process_rows(torch.arange(7)).tolist() == [1, 3, 5]


def test_only_the_leading_process_prints(second_of_two, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dry-run"]) == 0
    assert capsys.readouterr().out == ""

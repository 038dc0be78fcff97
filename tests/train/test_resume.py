"""The same command resumes a training, to the same bits as an undisturbed run."""

import json
import signal
from pathlib import Path

import pytest
import torch


def weights(run: Path) -> dict[str, torch.Tensor]:
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    flat = dict(state["networks"])
    for name, optimizer in state["optimizers"].items():
        for number, moments in optimizer["state"].items():
            flat |= {f"{name}.{number}.{key}": torch.as_tensor(value) for key, value in moments.items()}
    return flat


def assert_same_run(run: Path, other: Path) -> None:
    ours, theirs = weights(run), weights(other)
    assert ours.keys() == theirs.keys()
    different = [name for name in ours if not torch.equal(ours[name], theirs[name])]
    assert not different
    for name in ("digits.onnx", "digits.golden.json", "samples-0002.png"):
        assert (run / name).read_bytes() == (other / name).read_bytes()


@pytest.mark.parametrize("checkpoints", [1, 2])
def test_killed_training_resumes_to_the_same_bits(
    finished: Path, start, scorp_train, small, tmp_path: Path, checkpoints: int
) -> None:
    with start(tmp_path) as killed:
        # Every epoch ends with a line on stderr, just after its checkpoint.
        epochs = 0
        for line in killed.stderr:
            epochs += line.startswith("epoch")
            if epochs == checkpoints:
                killed.send_signal(signal.SIGKILL)
                break
    (run,) = tmp_path.iterdir()
    resumed = scorp_train(*small(tmp_path))
    assert resumed.returncode == 0, resumed.stderr
    assert f"step {6 * checkpoints} of 12" in resumed.stderr
    assert list(tmp_path.iterdir()) == [run]
    assert_same_run(run, finished)


def test_resumed_log_has_each_step_once(scorp_train, small, tmp_path: Path) -> None:
    assert scorp_train(*small(tmp_path)).returncode == 0
    (run,) = tmp_path.iterdir()
    log = run / "statistics.jsonl"
    whole = log.read_text()
    # A crash may leave lines after the checkpoint, a truncated line and a partial file.
    (run / ".checkpoint.pt.0123abcd.partial").write_bytes(b"half")
    log.write_text(whole + whole.splitlines()[-1].replace('"step": 12', '"step": 13') + '\n{"kind": "gro')
    assert scorp_train(*small(tmp_path)).returncode == 0
    assert not list(run.glob(".*"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["kind"], line["step"]) for line in lines] == [
        ("group", 6), ("epoch", 6), ("group", 12), ("epoch", 12)
    ]  # fmt: skip

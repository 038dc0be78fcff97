"""Devices other than the CPU: simulated everywhere, and a training where there is CUDA."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from scorp_runtime.sampling.knobs import Knob
from scorp_train.cli.train import main
from scorp_train.models.model_api import Batch, StepRandom, Task
from scorp_train.models.registry import model_class, model_names

KNOBS = tuple(Knob(name, "px", 1.0, 4.0, 0.5) for name in ("thickness", "slant", "width"))
TASK = Task(tuple("0123456789"), KNOBS, (2.0,) * 3, (1.0,) * 3, 28, 100)
# A step of each stage of the default model; the others have one.
STEPS = (0, 70, 99)
FAMILY = ("dense", "digit-generator", "mlp", "multires", "scorp", "vae")
COPIES = ("_to_copy", "copy_")


class OneDevice(TorchDispatchMode):
    """Refuses every operation, forwards or backwards, on tensors of two devices; scalars may be anywhere."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [
            leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor) and leaf.dim()
        ]
        devices = {tensor.device.type for tensor in tensors}
        assert len(devices) <= 1 or func.overloadpacket.__name__ in COPIES, f"{func} on {devices}"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", model_names())
def test_training_step_stays_on_one_device(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The device `meta` computes only shapes and has no autocast.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    kind = model_class(name)
    options = kind.Options(only="7") if name == "single-class" else kind.Options()
    model = kind(TASK, options)
    model.networks.to("meta")
    columns = len(KNOBS) + len(getattr(kind, "own_knobs", ()))
    with torch.device("meta"):
        images, labels, styles = (
            torch.ones(8, 1, 28, 28),
            torch.zeros(8, dtype=torch.int64),
            torch.ones(8, columns),
        )
    for step in STEPS if name == "multires" else (0,):
        with OneDevice():
            statistics = model.train_step(Batch(images, labels, styles), step, StepRandom())
        assert {value.device.type for value in statistics.values()} == {"meta"}


def test_checkpoint_of_bfloat16_holds_float32(digits: Path, tmp_path: Path) -> None:
    words = ["--network", "digit-generator", "--data", str(digits), "--epochs", "1", "--threads", "1"]
    states = []
    for precision in ("float32", "bfloat16"):
        assert main([*words, "--runs", str(tmp_path / precision), "--precision", precision]) == 0
        (run,) = (tmp_path / precision).iterdir()
        states.append(torch.load(run / "checkpoint.pt", weights_only=True)["networks"])
    plain, mixed = states
    assert {key: value.dtype for key, value in mixed.items()} == dict.fromkeys(plain, torch.float32)
    # The same training except for rounding: neither equal nor far apart.
    moved = [(mixed[key] - plain[key]).abs().mean().item() for key in plain]
    assert 0 < max(moved) < 1e-2


@pytest.mark.parametrize(("device", "count"), [("cuda", 0), ("cuda:9", 2)])
def test_missing_device_is_one_line_and_makes_no_folder(
    device: str,
    count: int,
    digits: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    words = ["--data", str(digits), "--runs", str(tmp_path), "--network", "dense", "--device", device]
    assert main(words) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert device in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA")
@pytest.mark.parametrize("model", FAMILY)
def test_run_from_cuda_exports_without(
    model: str, scorp_train: Callable[..., Any], digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--network", model, "--data", str(digits), "--runs", str(tmp_path), "--epochs", "2"]
    assert scorp_train(*words).returncode == 0
    (run,) = tmp_path.iterdir()
    (file,) = run.glob("*.onnx")
    file.unlink()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert scorp_train(*words).returncode == 0
    assert file.exists()
    assert list(tmp_path.iterdir()) == [run]
    options = json.loads((run / "options.json").read_text())
    assert options["training"]["device"] == "cuda"
    # Training was finished; the export did not train.
    assert [start["device"].partition(":")[0] for start in options["starts"]] == ["cuda"]

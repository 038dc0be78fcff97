"""Other devices than the CPU, as far as a machine without one can tell; on a machine with CUDA, a training there."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from scorp_runtime.sampling.knobs import Knob
from scorp_train.cli.train import main
from scorp_train.export import release as export_command
from scorp_train.models.registry import model_class, model_names
from scorp_train.models.task import Batch, Task
from scorp_train.training import trainer

KNOBS = tuple(Knob(name, "px", 1.0, 4.0, 0.5) for name in ("thickness", "slant", "width"))
TASK = Task(tuple("0123456789"), KNOBS, (2.0,) * 3, (1.0,) * 3, 28, 100)
# A step of each stage of the default model; the others have one.
STEPS = (0, 45, 60, 70, 99)
FAMILY = ("dense", "digit-generator", "mlp", "multires", "scorp", "vae")
COPIES = ("_to_copy", "copy_")


class OneDevice(TorchDispatchMode):
    """Refuses every operation, forwards or backwards, on tensors of two devices; numbers may come from anywhere."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [
            leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor) and leaf.dim()
        ]
        devices = {tensor.device.type for tensor in tensors}
        assert len(devices) <= 1 or func.overloadpacket.__name__ in COPIES, f"{func} on {devices}"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", model_names())
def test_all_that_a_training_step_computes_is_on_the_device_of_the_networks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The device `meta` computes shapes alone, and knows no autocast.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    kind = model_class(name)
    options = kind.Options(only="7") if name == "single-class" else kind.Options()
    if name == "multires":
        options = replace(options, head_start=0)
    model = kind(TASK, options)
    model.networks.to("meta")
    with torch.device("meta"):
        images, labels, styles = torch.ones(8, 1, 28, 28), torch.zeros(8, dtype=torch.int64), torch.ones(8, 3)
    for step in STEPS if name == "multires" else (0,):
        with OneDevice():
            statistics = model.train_step(
                Batch(images, labels, styles), step, torch.Generator().manual_seed(0)
            )
        assert {value.device.type for value in statistics.values()} == {"meta"}


def test_a_checkpoint_of_mixed_precision_holds_float32_like_any_other(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (trainer, export_command):
        monkeypatch.setattr(module, "SCORED", 200)
    words = ["--model", "digit-generator", "--data", str(digits), "--epochs", "1", "--threads", "1"]
    states = []
    for precision in ("float32", "bfloat16"):
        assert main([*words, "--runs", str(tmp_path / precision), "--precision", precision]) == 0
        (run,) = (tmp_path / precision).iterdir()
        states.append(torch.load(run / "checkpoint.pt", weights_only=True)["networks"])
    plain, mixed = states
    assert {key: value.dtype for key, value in mixed.items()} == dict.fromkeys(plain, torch.float32)
    # The same training but for rounding: neither equal nor far apart.
    moved = [(mixed[key] - plain[key]).abs().mean().item() for key in plain]
    assert 0 < max(moved) < 1e-2


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_device_that_is_not_there_is_one_line(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(digits), "--runs", str(tmp_path), "--model", "dense"]
    assert main([*words, "--device", "cuda"]) == 2
    error = capsys.readouterr().err.splitlines()
    assert "--device cuda" in error[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_device_number_that_is_not_there_makes_no_run_folder(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    words = ["--data", str(digits), "--runs", str(tmp_path), "--model", "dense", "--device", "cuda:9"]
    assert main(words) == 2
    assert "cuda:9" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA")
@pytest.mark.parametrize("model", FAMILY)
def test_a_run_begun_with_cuda_goes_on_without(
    model: str, scorp_train: Callable[..., Any], digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--model", model, "--data", str(digits), "--runs", str(tmp_path), "--epochs", "2"]
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

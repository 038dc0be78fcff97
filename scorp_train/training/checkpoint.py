"""Checkpoints: the whole state of a training in one file, replaced atomically."""

import io
from pathlib import Path
from typing import Any

import torch

from scorp_runtime.files.atomic import atomic_file
from scorp_train.errors import RunError
from scorp_train.models.model_api import Model

NAME = "checkpoint.pt"


def save_checkpoint(folder: Path, model: Model, step: int) -> None:
    """Write networks, optimisers and the number of finished steps; the old file stays until this one is complete."""
    state = {
        "step": step,
        "networks": model.networks.state_dict(),
        "optimizers": {name: optimizer.state_dict() for name, optimizer in model.optimizers.items()},
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    with atomic_file(folder / NAME) as stream:
        stream.write(buffer.getbuffer())


def load_checkpoint(folder: Path, model: Model) -> int:
    """Restore a model in place and return the number of finished steps; 0 without a checkpoint.

    Loading executes no code from the file. Raises `RunError` for a damaged file or another network.
    """
    path = folder / NAME
    if not path.exists():
        return 0
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        model.networks.load_state_dict(state["networks"])
        for name, optimizer in model.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        return int(state["step"])
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"cannot resume from {path}: {reason}; remove the folder to start again") from error

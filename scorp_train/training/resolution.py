"""Replaces `auto` and 0 by the device, threads and precision of this machine."""

from dataclasses import replace

import torch

from scorp_train.distributed.process import default_threads, this_process
from scorp_train.errors import UsageError
from scorp_train.models.precision import resolved_precision

from .options import Plan


def resolved(plan: Plan) -> Plan:
    """Return the plan with this machine's device, threads and precision. Raises `UsageError` if it lacks the device."""
    device = training_device(plan.training.device)
    name = device.type if plan.training.device == "auto" else plan.training.device
    training = replace(plan.training, device=name, threads=plan.training.threads or default_threads())
    model = plan.model
    if getattr(model, "precision", "") == "auto":
        model = replace(model, precision=resolved_precision(device, "auto"))
    return Plan(training, model)


def training_device(name: str) -> torch.device:
    """Return the device of that name; `auto` prefers CUDA. Raises `UsageError` if this machine lacks it."""
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    name = "cuda" if name == "auto" else name
    if not torch.cuda.is_available():
        raise UsageError(f"--device {name}: this machine, or this build of PyTorch, has no CUDA")
    device = torch.device(name, this_process().local_rank) if name == "cuda" else torch.device(name)
    count = torch.cuda.device_count()
    if device.index >= count:
        raise UsageError(
            f"--device {name}: there is no cuda:{device.index}; this machine has {count} CUDA devices"
        )
    return device


def device_for(plan: Plan) -> torch.device:
    """Return the device of a resolved plan, or the best one of this machine if it lacks that."""
    try:
        return training_device(plan.training.device)
    except UsageError:
        return training_device("auto")


def description(device: torch.device) -> str:
    """Return a device as shown in logs and cards."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)

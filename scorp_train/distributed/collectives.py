"""Training in several processes, started by torchrun; each computes some rows of every step.

Weights are drawn from the seed, so they are equal in all processes at first; averaged gradients keep them equal. Only
the leading process writes files and prints.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from scorp_train.errors import ProcessError

from .process import this_process

T = TypeVar("T")


@contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Connect the processes of the training, each with its own device, inside the block."""
    if this_process().count == 1:
        yield
        return
    # The first optimiser would import this module, whose default arguments keep the process group. Then gloo's threads
    # outlive it and may abort Python at exit.
    import torch.distributed.nn.functional

    if device.type == "cuda":
        torch.cuda.set_device(device)  # NCCL would use the first GPU in every process
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


@contextmanager
def _communicating() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise ProcessError("stopped because another process of this training stopped") from error


def from_leader(make: Callable[[], T]) -> T:
    """Return in all processes what `make` returns in the leading one."""
    process = this_process()
    made = [make() if process.leads else None]
    if process.count > 1:
        with _communicating():
            dist.broadcast_object_list(made, device=torch.device("cpu"))
    (found,) = made
    assert found is not None
    return found


def averaged(values: Tensor) -> Tensor:
    """Replace `values` by their mean over all processes, and return it."""
    count = this_process().count
    if count > 1:
        with _communicating():
            dist.all_reduce(values)
        values /= count
    return values


def average_gradients(optimizers: Iterable[torch.optim.Optimizer]) -> None:
    """Make each optimiser average the gradients of all processes before each of its steps."""
    if this_process().count > 1:
        for optimizer in optimizers:
            optimizer.register_step_pre_hook(_average)


def _average(optimizer: torch.optim.Optimizer, *_: Any) -> None:
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    # One message for all gradients: each message has a fixed cost.
    mean = averaged(torch.cat([gradient.flatten() for gradient in gradients]))
    for gradient, part in zip(gradients, mean.split([each.numel() for each in gradients]), strict=True):
        gradient.copy_(part.view(gradient.shape))


def process_rows(rows: Tensor) -> Tensor:
    """Return this process's share of the rows of a whole step: every `count`-th, equally many in each process."""
    process = this_process()
    even = len(rows) // process.count * process.count
    return rows[process.rank : even : process.count]


def own_rows(draw: Callable[..., Tensor], rows: int, *shape: int, generator: torch.Generator) -> Tensor:
    """Return this process's random numbers (rows, *shape) by `torch.randn` or `torch.rand`; see `StepRandom`."""
    return process_rows(draw(rows * this_process().count, *shape, generator=generator))

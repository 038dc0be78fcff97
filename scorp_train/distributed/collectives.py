"""Training by several processes, which torchrun starts: each computes some rows of every step.

Weights are drawn from the seed, so they begin equal everywhere; gradients are averaged before each update, so they
stay equal. Only the leading process writes and prints.
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
    """Connect the processes of the training, each with its own device, for as long as it lasts."""
    if this_process().count == 1:
        yield
        return
    # Its functions keep as a default the group that there is when they are imported, which the first optimiser does;
    # with it they would keep the threads of gloo beyond the end of Python, and those abort the process then.
    import torch.distributed.nn.functional

    if device.type == "cuda":
        torch.cuda.set_device(device)  # NCCL would use the first GPU in every process
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


@contextmanager
def _together() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise ProcessError("stopped, as another process of this training did") from error


def from_leader(make: Callable[[], T]) -> T:
    """What `make` returns in the leading process, in all processes."""
    process = this_process()
    made = [make() if process.leads else None]
    if process.count > 1:
        with _together():
            dist.broadcast_object_list(made, device=torch.device("cpu"))
    (found,) = made
    assert found is not None
    return found


def averaged(values: Tensor) -> Tensor:
    """The mean over all processes of their `values`, which it replaces."""
    count = this_process().count
    if count > 1:
        with _together():
            dist.all_reduce(values)
        values /= count
    return values


def average_gradients(optimizers: Iterable[torch.optim.Optimizer]) -> None:
    """From now on each of the optimisers follows the mean of all processes' gradients."""
    if this_process().count > 1:
        for optimizer in optimizers:
            optimizer.register_step_pre_hook(_average)


def _average(optimizer: torch.optim.Optimizer, *_: Any) -> None:
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    # One message for all: what a message costs beside its content adds up.
    mean = averaged(torch.cat([gradient.flatten() for gradient in gradients]))
    for gradient, part in zip(gradients, mean.split([each.numel() for each in gradients]), strict=True):
        gradient.copy_(part.view(gradient.shape))


def own(rows: Tensor) -> Tensor:
    """The rows of this process: every `count`-th of a whole step's, which suits rows that a model repeats as well."""
    process = this_process()
    even = len(rows) // process.count * process.count  # as many for each, also of a last few pictures
    return rows[process.rank : even : process.count]


def own_rows(draw: Callable[..., Tensor], rows: int, *shape: int, generator: torch.Generator) -> Tensor:
    """Random numbers (rows, *shape) by `torch.randn` or `torch.rand` for the pictures of this process.

    All processes draw the numbers of the whole step, and so leave the generator in the same state.
    """
    return own(draw(rows * this_process().count, *shape, generator=generator))

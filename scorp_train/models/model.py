"""What the trainer asks of a model, so that anyone can add one."""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .task import Batch, Task


class Model(Protocol):
    """A network with its loss, optimisers and hyper-parameters.

    A class that satisfies this is found by name through the entry-point group `scorp.models`. `Options` is a frozen
    dataclass of plain numbers, strings and booleans with defaults; the command line makes one option of each field, and
    of a boolean the flags `--name` and `--no-name`. `option_checks.number`, `integer` and `fraction` declare fields
    with a range of allowed numbers. All state lives in `networks` and `optimizers`, so that the trainer can save and
    restore it; everything else follows from the step number. Where several processes train together, gradients are
    averaged whenever one of the `optimizers` steps; nothing else is shared.

    Some members may be left out, and are looked for by these names:

    - `Options.preset`, a mapping: what the model's own recipe sets of the trainer's options, such as `{"epochs": 100}`;
    - `stage(step) -> str`: the name of the stage of training that a step belongs to, for messages;
    - `told`, a `Told`: what its pictures depend on beside the noise; class and style unless said otherwise;
    - `converged`, a boolean: True at the end of an epoch ends the training before its last step;
    - `reconstruct(images, labels) -> images`, all as in a `Batch`: the test pictures are scored with it;
    - a field `only` of its options, the name of a class: the data is then of this class alone, unless it is empty.
    """

    Options: type[Any]
    architecture: str
    latent: int
    networks: nn.ModuleDict
    optimizers: Mapping[str, torch.optim.Optimizer]

    def __init__(self, task: Task, options: Any) -> None: ...

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        """Updates the networks once; returns scalars to log. All randomness comes from `random`.

        `random` is the same in all processes; `distributed.own_rows` draws from it for the pictures of this one. The
        training ends with an error once a logged scalar or a weight is not finite.
        """
        ...

    def picture(self, step: int) -> nn.Module:
        """Return the generator after `step` steps, as it would be exported: noise, label, style -> uint8 (N, H, W).

        It may share weights with `networks`; the trainer copies it before it is moved or evaluated.
        """
        ...

    def exact(self, step: int) -> bool:
        """Whether that generator is integer-valued."""
        ...

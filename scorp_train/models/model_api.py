"""The interface between the trainer and a model; implement `Model` to add one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from scorp_runtime.sampling.knobs import Knob
from scorp_train.distributed.collectives import own_rows


class OwnKnob(NamedTuple):
    """A knob that a model adds to those that are measured, and its value unless a request sets it."""

    knob: Knob
    value: float


@dataclass(frozen=True)
class Task:
    """What to learn: classes, measured knobs, mean and spread of each, image side in px and total steps.

    A model without the input `label` has the one class `any`; one without the input `style` has no knobs.
    """

    classes: tuple[str, ...]
    knobs: tuple[Knob, ...]
    style_centre: tuple[float, ...]
    style_spread: tuple[float, ...]
    side: int
    steps: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Real images: `images` float32 (N, 1, H, W) in 0 ... 1, `labels` int64 (N,), `styles` float32 (N, S).

    The last styles are the values of the model's own knobs, if it has any. Labels index the classes of the dataset,
    even for a model without the input `label`.
    """

    images: Tensor
    labels: Tensor
    styles: Tensor


class StepRandom(torch.Generator):
    """The source of all random numbers of one training step.

    `randn` and `rand` return numbers for the images of this process. With several processes, each draws the numbers
    of the whole step and keeps its own rows. torch's own functions draw the same numbers in every process.
    """

    def randn(self, rows: int, *shape: int) -> Tensor:
        """Return standard normal numbers, float32 (rows, *shape)."""
        return own_rows(torch.randn, rows, *shape, generator=self)

    def rand(self, rows: int, *shape: int) -> Tensor:
        """Return uniform numbers from 0 to 1, float32 (rows, *shape)."""
        return own_rows(torch.rand, rows, *shape, generator=self)


class Model(Protocol):
    """A network with its loss, optimisers and options.

    Register a class under the entry-point group `scorp.models`. `Options` is a frozen dataclass of numbers, strings and
    booleans with defaults; each field becomes a command-line option. `option_checks` declares ranges, choices and help.
    Keep all state in `networks` and `optimizers`, which the trainer saves and restores; everything else follows from
    the step number. With several processes, the trainer averages gradients before each optimiser step.

    Optional members:

    - `Options.preset`, a mapping: defaults of the trainer's options for this model, such as `{"epochs": 100}`;
    - `inputs`, a tuple: what the generator uses beside noise (default: `("label", "style")`);
    - `own_knobs`, a tuple of `OwnKnob`: knobs that are not measured, the last columns of the generator's `style`;
    - `fit_prior(batches, random)` and an integer `prior_step`: called once before that step, with all training images;
    - `stage(step) -> str`: the name of the training stage of a step, for messages;
    - `after_step(statistics)`: called after each step with its scalars, averaged over all processes;
    - `converged`, a boolean: if True at the end of an epoch, training ends early;
    - `reconstruct(images, labels) -> images`, as in a `Batch`: used to score reconstructions of test images;
    - a field `only` of its options: unless empty, the name of the one class to train on.
    """

    Options: type[Any]
    architecture: str
    latent: int
    networks: nn.ModuleDict
    optimizers: Mapping[str, torch.optim.Optimizer]

    def __init__(self, task: Task, options: Any) -> None: ...

    def train_step(self, batch: Batch, step: int, random: StepRandom) -> dict[str, Tensor]:
        """Update the networks once and return scalars to log; `random` is the only source of randomness.

        Training ends with an error once a logged scalar or a weight is not finite.
        """
        ...

    def export_module(self, step: int) -> nn.Module:
        """Return the generator to export after `step` steps: noise, label, style -> image uint8 (N, H, W).

        It may share weights with `networks`; the trainer copies it before it moves or evaluates it.
        """
        ...

    def exact(self, step: int) -> bool:
        """Return whether that generator computes with integers only."""
        ...

"""Detects a training whose losses or weights are no longer finite numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from scorp_train.errors import DivergenceError
from scorp_train.models.option_checks import flag


def finite_weights(networks: nn.Module) -> bool:
    """Return whether all weights are finite; one transfer from the device."""
    finite = [parameter.detach().isfinite().all() for parameter in networks.parameters()]
    return not finite or bool(torch.stack(finite).all())


def first_not_finite(logged: Sequence[Mapping[str, Tensor]]) -> int | None:
    """Return the position of the first step that logged a value that is not finite; None if all are finite."""
    finite = [torch.stack(list(step.values())).isfinite().all() for step in logged]
    places = torch.stack(finite).logical_not().nonzero() if finite else torch.empty(0)
    return int(places[0]) if len(places) else None


def divergence(step: int, stage: str, options: Any) -> DivergenceError:
    """Return the error for a training that diverged at a step of a stage; `options` are the model's.

    It names the learning rate of the stage, or all rates if none has the stage's name.
    """
    rates = {name: value for name, value in vars(options).items() if name == "rate" or name.endswith("_rate")}
    rates = {name: value for name, value in rates.items() if isinstance(value, float)}
    own = f"{stage}_rate"
    rates = {own: rates[own]} if own in rates else rates
    shown = " or ".join(f"{flag(name)} {value:g}" for name, value in rates.items())
    remedy = f"a lower rate than {shown}" if rates else "other options"
    place = f"step {step}" + (f" of the stage {stage}" if stage else "")
    return DivergenceError(
        f"the training diverged at {place}: losses or weights are not finite; try {remedy}"
    )

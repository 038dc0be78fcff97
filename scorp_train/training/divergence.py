"""Detects losses or weights that are no longer finite."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor, nn

from scorp_train.errors import DivergenceError
from scorp_train.models.option_checks import flag


def finite_weights(networks: nn.Module) -> bool:
    """Return whether all weights are finite, with one transfer from the device."""
    finite = [parameter.detach().isfinite().all() for parameter in networks.parameters()]
    return not finite or bool(torch.stack(finite).all())


def first_not_finite(logged: Sequence[Mapping[str, Tensor]]) -> int | None:
    """Return the position of the first step that logged a value that is not finite; None if all are finite."""
    finite = [torch.stack(list(step.values())).isfinite().all() for step in logged]
    positions = torch.stack(finite).logical_not().nonzero() if finite else torch.empty(0)
    return int(positions[0]) if len(positions) else None


def divergence(step: int, stage: str, options: Any) -> DivergenceError:
    """Return the error for a training that diverged at a step of a stage; `options` are the model's.

    It names the learning rates that the user changed, else the rate of the stage, else all rates.
    """
    rates = {
        field.name: getattr(options, field.name) != field.default
        for field in fields(options)
        if field.name.endswith("rate") and isinstance(field.default, float)
    }
    changed = [name for name, is_changed in rates.items() if is_changed]
    shown = changed or [name for name in rates if name == f"{stage}_rate"] or rates
    words = " or ".join(f"{flag(name)} {getattr(options, name):g}" for name in shown)
    remedy = f"a lower rate than {words}" if rates else "other options"
    place = f"step {step}" + (f" in the stage {stage}" if stage else "")
    return DivergenceError(f"training diverged at {place}: losses or weights are not finite; try {remedy}")

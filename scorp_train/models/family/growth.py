"""Decides when a model that trains at rising resolutions moves on to the next one, and when it has converged.

A resolution has converged once the mean of the generator's loss over a window of steps differs from that of the window
before by less than a tolerance, several windows in a row. The counters are part of a module's state, so a checkpoint
holds them and a resumed training decides alike.
"""

import math

import torch
from torch import Tensor, nn


class Growth(nn.Module):
    """Counts the steps of each resolution and watches a loss; resolutions are numbered from 0 to `last`.

    `window` is in steps, `tolerance` a share of the loss, `patience` the number of windows within it. `longest` are the
    most steps of each resolution but the last.
    """

    def __init__(self, longest: tuple[int, ...], window: int, tolerance: float, patience: int) -> None:
        super().__init__()
        self.longest, self.last = longest, len(longest)
        self.window, self.tolerance, self.patience = window, tolerance, patience
        self.stage, self.step, self.at_rest = 0, 0, 0
        self.before = math.nan
        self.total: Tensor | float = 0.0

    @property
    def converged(self) -> bool:
        """Whether the last resolution has converged."""
        return self.stage == self.last and self.at_rest >= self.patience

    def fading(self, steps: int) -> float:
        """Return the share of this resolution in images, which rises to 1 over the first `steps` steps."""
        return 1.0 if self.stage == 0 else min(1.0, (self.step + 1) / steps)

    def count(self, loss: Tensor) -> None:
        """Count a step with this loss, and move on to the next resolution when it is time."""
        self.step += 1
        self.total = self.total + loss.detach().double()
        if self.step % self.window == 0:
            self._compare(float(self.total / self.window))
        if self.stage < self.last and (
            self.at_rest >= self.patience or self.step >= self.longest[self.stage]
        ):
            self.stage, self.step, self.at_rest = self.stage + 1, 0, 0
            self.before, self.total = math.nan, 0.0

    def _compare(self, mean: float) -> None:
        # A comparison with NaN is false: the first window is not at rest.
        resting = abs(mean - self.before) < self.tolerance * abs(self.before)
        # The last resolution stays converged, so a training that should end does not continue.
        if not self.converged:
            self.at_rest = self.at_rest + 1 if resting else 0
        self.before, self.total = mean, 0.0

    def get_extra_state(self) -> Tensor:
        """Return everything that a checkpoint keeps, float64 (5,)."""
        return torch.tensor(
            [self.stage, self.step, self.at_rest, self.before, float(self.total)], dtype=torch.float64
        )

    def set_extra_state(self, state: Tensor) -> None:
        """Restore what `get_extra_state` returned."""
        stage, step, at_rest, self.before, self.total = state.tolist()
        self.stage, self.step, self.at_rest = int(stage), int(step), int(at_rest)

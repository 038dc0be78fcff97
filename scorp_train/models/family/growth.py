"""When a network that learns at rising resolutions goes on to the next one, and when it is done.

A training has converged at a resolution once the generator's loss has come to rest: its mean over a window of steps
differs from that of the window before by less than a tolerance, several windows in a row. What is waited for is kept
as the state of a module, so that a checkpoint holds it and a resumed training decides alike.
"""

import math

import torch
from torch import Tensor, nn

from scorp_train.distributed.collectives import averaged


class Growth(nn.Module):
    """Counts the steps of each resolution and watches a loss; resolutions are numbered from 0 to `last`.

    `window` counts steps, `tolerance` is a share of the loss, `patience` counts windows at rest. `longest` says how
    many steps each resolution but the last may take without coming to rest.
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
        """Whether the last resolution has come to rest."""
        return self.stage == self.last and self.at_rest >= self.patience

    def fading(self, steps: int) -> float:
        """The share, above 0 and up to 1, of this resolution in pictures that fade it in over so many steps."""
        return 1.0 if self.stage == 0 else min(1.0, (self.step + 1) / steps)

    def note(self, loss: Tensor) -> None:
        """Counts a step with this loss, and moves on to the next resolution if it is time."""
        self.step += 1
        self.total = self.total + loss.detach().double()
        if self.step % self.window == 0:
            self._compare(averaged(self.total / self.window).item())
        if self.stage < self.last and (
            self.at_rest >= self.patience or self.step >= self.longest[self.stage]
        ):
            self.stage, self.step, self.at_rest = self.stage + 1, 0, 0
            self.before, self.total = math.nan, 0.0

    def _compare(self, mean: float) -> None:
        # A comparison with NaN is false: the first window is not at rest.
        resting = abs(mean - self.before) < self.tolerance * abs(self.before)
        # The last resolution stays converged, or a training would go on that was told to end.
        if not self.converged:
            self.at_rest = self.at_rest + 1 if resting else 0
        self.before, self.total = mean, 0.0

    def get_extra_state(self) -> Tensor:
        """Everything that a checkpoint has to keep, float64 (5,)."""
        return torch.tensor(
            [self.stage, self.step, self.at_rest, self.before, float(self.total)], dtype=torch.float64
        )

    def set_extra_state(self, state: Tensor) -> None:
        """What `get_extra_state` returned."""
        stage, step, at_rest, self.before, self.total = state.tolist()
        self.stage, self.step, self.at_rest = int(stage), int(step), int(at_rest)

"""How people's codes are distributed, learned by flow matching (Lipman et al. 2023); for training only.

A network learns the velocity that carries standard normal noise to the codes of real digits of a class and a style.
Following it from noise to code pairs each noise with a code: smooth enough that the generator's small dense front can
learn the pairs, and as varied as the codes themselves.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.distributed.collectives import own_rows

BLOCKS = 3
FREQUENCIES = 8


class CodeFlow(nn.Module):
    """Velocity (N, C) of codes (N, C) at times (N,) in 0 ... 1, for labels (N,) and standardised styles (N, S)."""

    frequencies: Tensor

    def __init__(self, classes: int, knobs: int, code: int, width: int) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.arange(1, FREQUENCIES + 1) * (math.pi / 2))
        self.entrance = nn.Linear(code + knobs + 2 * FREQUENCIES, width)
        self.classes = nn.Embedding(classes, width)
        self.blocks = nn.ModuleList([nn.Linear(width, width) for _ in range(BLOCKS)])
        self.velocity = nn.Linear(width, code)
        nn.init.zeros_(self.velocity.weight)

    def forward(self, code: Tensor, time: Tensor, label: Tensor, style: Tensor) -> Tensor:
        phase = time[:, None] * self.frequencies
        x = self.entrance(torch.cat([code, style, phase.sin(), phase.cos()], 1)) + self.classes(label)
        x = F.silu(x)
        for block in self.blocks:
            x = x + F.silu(block(x))
        velocity: Tensor = self.velocity(x)
        return velocity.float()

    def loss(self, code: Tensor, label: Tensor, style: Tensor, random: torch.Generator) -> Tensor:
        """Mean squared error of the velocity on straight lines from noise to these codes, at random times."""
        noise = own_rows(torch.randn, *code.shape, generator=random).to(code)
        time = own_rows(torch.rand, len(code), generator=random).to(code)
        between = torch.lerp(noise, code, time[:, None])
        return F.mse_loss(self(between, time, label, style), code - noise)

    @torch.no_grad()
    def follow(self, noise: Tensor, label: Tensor, style: Tensor, steps: int) -> Tensor:
        """The codes that these noises flow to, by `steps` steps of Heun's method: (N, C) -> (N, C)."""
        code = noise
        for step in range(steps):
            now = torch.full((len(code),), step / steps, device=code.device)
            before = self(code, now, label, style)
            after = self(code + before / steps, now + 1 / steps, label, style)
            code = code + (before + after) / (2 * steps)
        return code

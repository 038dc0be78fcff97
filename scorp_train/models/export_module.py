"""A network that draws in ordinary floating point, as the model file has it."""

import torch
from torch import Tensor, nn

from .task import Told


class FloatPicture(nn.Module):
    """float32 (N, Z), int64 (N,), float32 (N, S) -> uint8 (N, H, W), from a network with outputs `low` ... 1.

    `told` says whether the network takes noise and label, or the noise alone.
    """

    def __init__(self, network: nn.Module, told: Told, low: float = -1.0) -> None:
        super().__init__()
        self.network = network
        self.told, self.low = told, low

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        drawn = self.network(noise) if self.told is Told.NOTHING else self.network(noise, label)
        levels = (drawn - self.low) * (255.0 / (1.0 - self.low))
        return torch.round(levels[:, 0]).clamp(0.0, 255.0).to(torch.uint8)

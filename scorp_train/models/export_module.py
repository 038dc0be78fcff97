"""Wraps a floating-point generator as the module that is exported."""

import torch
from torch import Tensor, nn


class FloatExport(nn.Module):
    """Noise float32 (N, Z), label int64 (N,), style float32 (N, S) -> image uint8 (N, H, W).

    The network takes noise and, if `labelled`, the label. Its pixels range from `low` to 1.
    """

    def __init__(self, network: nn.Module, labelled: bool, low: float = -1.0) -> None:
        super().__init__()
        self.network, self.labelled, self.low = network, labelled, low

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        pixels = self.network(noise, label) if self.labelled else self.network(noise)
        levels = (pixels - self.low) * (255.0 / (1.0 - self.low))
        return torch.round(levels[:, 0]).clamp(0.0, 255.0).to(torch.uint8)

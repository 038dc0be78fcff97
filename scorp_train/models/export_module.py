"""Wraps a floating-point generator as the module that is exported."""

import torch
from torch import Tensor, nn

from .model_api import Conditioning


class FloatExport(nn.Module):
    """Noise float32 (N, Z), label int64 (N,), style float32 (N, S) -> image uint8 (N, H, W).

    The network takes noise, and the label unless `conditioning` is `NOTHING`. Its pixels range from `low` to 1.
    """

    def __init__(self, network: nn.Module, conditioning: Conditioning, low: float = -1.0) -> None:
        super().__init__()
        self.network, self.conditioning, self.low = network, conditioning, low

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        unconditional = self.conditioning is Conditioning.NOTHING
        pixels = self.network(noise) if unconditional else self.network(noise, label)
        levels = (pixels - self.low) * (255.0 / (1.0 - self.low))
        return torch.round(levels[:, 0]).clamp(0.0, 255.0).to(torch.uint8)

"""The default generator: low, mid and high features learned in turn, multiplied by filter selectors, then met.

The work is done at 7 and 14 pixels; one transposed convolution reaches 28, where anything wider would cost more than
all the rest. Layers compute in the integer units of `integer.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.models.integer import (
    LEVELS,
    UNIT,
    ExactConv,
    ExactLinear,
    ExactTable,
    ExactUpConv,
    exact_layers,
    rectified,
    rounded,
)
from scorp_train.models.task import Task

LOW_SIDE = 7
# Noise of standard deviation 1 becomes integers of standard deviation 32, cut at 4 of them.
NOISE_UNIT = 32.0
NOISE_LIMIT = 127.0
# Features before their selector keep their sign and are cut at 8 units.
SIGNED = 511.0


class StyleEntrance(nn.Module):
    """Styles in real units -> centred integers, about `UNIT` per standard deviation: float32 (N, S) -> (N, S)."""

    low: Tensor
    high: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.register_buffer("low", torch.tensor([knob.low for knob in task.knobs]))
        self.register_buffer("high", torch.tensor([knob.high for knob in task.knobs]))
        self.register_buffer("centre", torch.tensor(task.style_centre))
        # A power of two, so that the product is exact.
        self.register_buffer("scale", 2.0 ** torch.floor(torch.log2(UNIT / torch.tensor(task.style_spread))))

    def forward(self, style: Tensor) -> Tensor:
        clipped = torch.minimum(torch.maximum(style, self.low), self.high)
        return torch.round((clipped - self.centre) * self.scale)


class Generator(nn.Module):
    """noise float32 (N, Z), label int64 (N,), style float32 (N, S) -> ink 0 ... 255, float32 (N, 1, 28, 28)."""

    def __init__(
        self, task: Task, latent: int, hidden: int, code: int, low: int, mid: int, high: int, skip: int
    ) -> None:
        super().__init__()
        classes, knobs, area = len(task.classes), len(task.knobs), LOW_SIDE * LOW_SIDE
        self.low_channels, self.quantised = low, False
        self.entrance = StyleEntrance(task)
        self.mix = ExactLinear(latent + knobs, hidden)
        self.mix_class = ExactTable(classes, hidden, 0.0, 0.5)
        self.compress = ExactLinear(hidden, code)
        self.shape = ExactLinear(code, low * area, bias=False)
        self.low_selector = ExactTable(classes, low * area, 1.0, 0.5)
        self.low_selector_style = ExactLinear(knobs, low * area, bias=False)
        self.low = ExactConv(low, low, 3)
        self.mid = ExactConv(low, mid, 3)
        self.mid_selector = ExactTable(classes, mid, 1.0, 0.3)
        self.mid_selector_style = ExactLinear(knobs, mid, bias=False)
        self.high = ExactConv(mid, high, 3)
        self.low_skip = ExactConv(low, skip, 1)
        self.last = ExactUpConv(skip + mid + high, 1)

    def activated(self, x: Tensor) -> Tensor:
        """Rectified, and whole numbers once the network is quantised; the bias in front learns the missing half."""
        x = rectified(x)
        return rounded(x) if self.quantised else x

    def selected(self, x: Tensor, selector: Tensor) -> Tensor:
        """Features times a filter selector, whose 1.0 is `UNIT`; both cut so that the product is exact."""
        x, selector = F.hardtanh(x, -SIGNED, SIGNED), F.hardtanh(selector, -LEVELS, LEVELS)
        if self.quantised:
            x, selector = rounded(x), rounded(selector)
        return x * (selector / UNIT)

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        latent = F.hardtanh(torch.round(noise * NOISE_UNIT), -NOISE_LIMIT, NOISE_LIMIT) * (UNIT / NOISE_UNIT)
        knobs = self.entrance(style)
        mixed = self.activated(self.mix(torch.cat([latent, knobs], 1)) + self.mix_class(label))
        features = self.shape(self.activated(self.compress(mixed)))
        selector = self.low_selector(label) + self.low_selector_style(knobs)
        features = self.activated(self.selected(features, selector))
        low = self.activated(self.low(features.reshape(-1, self.low_channels, LOW_SIDE, LOW_SIDE)))
        mid = self.activated(self.mid(F.interpolate(low, scale_factor=2.0, mode="nearest")))
        selector = self.mid_selector(label) + self.mid_selector_style(knobs)
        mid = self.activated(self.selected(mid, selector.unsqueeze(2).unsqueeze(3)))
        high = self.activated(self.high(mid))
        skip = F.interpolate(self.activated(self.low_skip(low)), scale_factor=2.0, mode="nearest")
        ink: Tensor = self.last(torch.cat([skip, mid, high], 1))
        return ink

    def quantise(self) -> None:
        """From now on weights and activations are rounded in the forward pass."""
        self.quantised = True
        for layer in exact_layers(self):
            layer.quantised = True

    def freeze(self) -> None:
        """Turns the weights into int8 codes, for export."""
        self.quantise()
        for layer in exact_layers(self):
            layer.freeze()


class Picture(nn.Module):
    """A generator as the model file has it: float32 (N, Z), int64 (N,), float32 (N, S) -> uint8 (N, 28, 28)."""

    def __init__(self, generator: Generator, side: int) -> None:
        super().__init__()
        self.generator, self.side = generator, side

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        ink = rectified(self.generator(noise, label, style))
        return torch.floor(ink).to(torch.uint8).reshape(-1, self.side, self.side)

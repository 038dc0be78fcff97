"""The default generator: low, mid and high features learned in turn, multiplied by filter selectors, then met.

A dense front turns noise into a code, which says how somebody writes; the rest draws the code. The work is done at 7
and 14 pixels; one transposed convolution reaches 28, where anything wider would cost more than all the rest. Layers
compute in the integer units of `integer.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .integer import (
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
from .task import Task

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


@dataclass(frozen=True)
class Widths:
    """Sizes of the generator's layers: numbers of the dense ones, channels of the convolutions."""

    latent: int
    hidden: int
    narrow: int
    code: int
    first: int
    low: int
    mid: int
    high: int
    skip: int


class Generator(nn.Module):
    """noise float32 (N, Z), label int64 (N,), style float32 (N, S) -> ink 0 ... 255, float32 (N, 1, 28, 28)."""

    def __init__(self, task: Task, widths: Widths) -> None:
        super().__init__()
        classes, knobs, w = len(task.classes), len(task.knobs), widths
        area = LOW_SIDE * LOW_SIDE
        self.first_channels, self.quantised, self.noise_unit = w.first, False, NOISE_UNIT
        self.entrance = StyleEntrance(task)
        self.mix = ExactLinear(w.latent + knobs, w.hidden)
        self.mix_class = ExactTable(classes, w.hidden, 0.0, 0.5)
        self.narrow = ExactLinear(w.hidden, w.narrow)
        self.narrow_class = ExactTable(classes, w.narrow, 0.0, 0.5)
        self.code = ExactLinear(w.narrow + w.latent + knobs, w.code)
        self.code_class = ExactTable(classes, w.code, 0.0, 0.01)
        self.shape = ExactLinear(w.code, w.first * area, bias=False)
        self.low_selector = ExactTable(classes, w.first * area, 1.0, 0.5)
        self.low_selector_style = ExactLinear(knobs, w.first * area, bias=False)
        self.widen = ExactConv(w.first, w.low, 3)
        self.low = ExactConv(w.low, w.low, 3)
        self.mid = ExactUpConv(w.low, w.mid)
        self.mid_selector = ExactTable(classes, w.mid, 1.0, 0.3)
        self.mid_selector_style = ExactLinear(knobs, w.mid, bias=False)
        self.high = ExactConv(w.mid, w.high, 3)
        self.low_skip = ExactConv(w.low, w.skip, 1)
        self.last = ExactUpConv(w.skip + w.mid + w.high, 1)
        with torch.no_grad():
            # Noise is a fair first code: the flow that teaches the front moves it by less than its own spread.
            self.code.weight[:, : w.narrow].mul_(0.3)
            self.code.weight[:, w.narrow :] = torch.eye(w.code, w.latent + knobs)

    def front(self) -> Iterator[nn.Parameter]:
        """The parameters that turn noise into a code; all others draw it."""
        dense = (self.mix, self.mix_class, self.narrow, self.narrow_class, self.code, self.code_class)
        return (parameter for layer in dense for parameter in layer.parameters())

    def whole(self, x: Tensor) -> Tensor:
        """Whole numbers, once the network is quantised."""
        return rounded(x) if self.quantised else x

    def activated(self, x: Tensor) -> Tensor:
        """Rectified, and whole."""
        return self.whole(rectified(x))

    def selected(self, x: Tensor, selector: Tensor) -> Tensor:
        """Whole features times a filter selector, whose 1.0 is `UNIT`: cut, so that the product is exact."""
        return x * (self.whole(F.hardtanh(selector, -LEVELS, LEVELS)) / UNIT)

    def encode(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        """The code of a noise, whole numbers of standard deviation `UNIT`, float32 (N, C)."""
        latent = F.hardtanh(torch.round(noise * self.noise_unit), -NOISE_LIMIT, NOISE_LIMIT) * (
            UNIT / NOISE_UNIT
        )
        knobs = self.entrance(style)
        mixed = self.activated(self.mix(torch.cat([latent, knobs], 1)) + self.mix_class(label))
        narrow = self.activated(self.narrow(mixed) + self.narrow_class(label))
        return self.as_code(self.code(torch.cat([narrow, latent, knobs], 1)) + self.code_class(label))

    @staticmethod
    def as_code(x: Tensor) -> Tensor:
        """The nearest code: whole numbers, cut at four standard deviations."""
        return rounded(F.hardtanh(x, -LEVELS, LEVELS))

    def decode(self, code: Tensor, label: Tensor, style: Tensor) -> Tensor:
        """The ink of a code, float32 (N, 1, 28, 28)."""
        knobs = self.entrance(style)
        selector = self.low_selector(label) + self.low_selector_style(knobs)
        features = self.whole(F.hardtanh(self.shape(code), -SIGNED, SIGNED))
        features = self.activated(self.selected(features, selector))
        low = self.activated(self.widen(features.reshape(-1, self.first_channels, LOW_SIDE, LOW_SIDE)))
        low = self.activated(self.low(low))
        mid = self.activated(self.mid(low))
        selector = self.mid_selector(label) + self.mid_selector_style(knobs)
        mid = self.activated(self.selected(mid, selector.unsqueeze(2).unsqueeze(3)))
        high = self.activated(self.high(mid))
        skip = F.interpolate(self.activated(self.low_skip(low)), scale_factor=2.0, mode="nearest")
        ink: Tensor = self.last(torch.cat([skip, mid, high], 1))
        return ink.float()

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        return self.decode(self.encode(noise, label, style), label, style)

    def quantise(self) -> None:
        """From now on weights and activations are rounded in the forward pass."""
        self.quantised = True
        for layer in exact_layers(self):
            layer.quantised = True

    def widen_noise(self, scale: float) -> None:
        """From now on noise counts `scale` times as much, to the nearest whole `noise_unit`."""
        self.noise_unit = round(NOISE_UNIT * scale)

    @torch.no_grad()
    def lighten(self, levels: float) -> None:
        """From now on all ink is lighter by so many grey levels."""
        assert self.last.bias is not None
        self.last.bias.sub_(levels / UNIT)

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
        return torch.round(ink).to(torch.uint8).reshape(-1, self.side, self.side)

"""Layers whose arithmetic can be made exact: integers held in float32.

A tensor of activations holds the integers 0 ... 255 (64 of them make what other networks call 1.0). Weights are
`codes * 2^-k`, the codes in -127 ... 127 and `k` chosen per output channel. Every partial sum of a layer is then a
multiple of `2^-k`, far below `2^24` of them, which float32 adds without rounding in any order. A layer goes through
three stages: free weights while the network learns its shape, fake-quantised weights (straight-through gradients,
Jacob et al. 2018) while it finishes, and frozen codes for the file.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

UNIT = 64.0
LEVELS = 255.0
CODES = 127.0
# Finer weights than 2^-12 would only eat the headroom below 2^24.
FINEST = 12


class _Round(torch.autograd.Function):
    """One pass over the activations, where `x + (round(x) - x).detach()` takes three."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> Tensor:
        return grads[0]


def rounded(x: Tensor) -> Tensor:
    """`round(x)`, halves to even, in the forward pass; the identity in the backward pass."""
    if not x.requires_grad:
        return torch.round(x)
    whole: Tensor = _Round.apply(x)
    return whole


def rectified(x: Tensor) -> Tensor:
    """The bounded rectifier of every layer: float32 of any shape, clamped to 0 ... 255."""
    return F.hardtanh(x, 0.0, LEVELS)


def exponents(weight: Tensor, dim: int, shared: bool) -> Tensor:
    """The largest `k` for which `weight * 2^k` still fits the codes: one per channel of `dim`, or one for all."""
    rest = [d for d in range(weight.dim()) if shared or d != dim]
    peak = weight.detach().abs().amax(rest, keepdim=True).clamp_min(1e-6)
    return torch.floor(torch.log2(CODES / peak)).clamp(0, FINEST)


class ExactLayer(nn.Module):
    """A weight and a bias in one of the three stages.

    `dim` is the axis of the weight that counts output channels. Each has a `k` of its own, unless `shared`: wide layers
    would store more scales than they gain precision.
    """

    codes: Tensor
    scale: Tensor
    offset: Tensor

    def __init__(
        self, shape: tuple[int, ...], dim: int, fan_in: int, bias: bool = True, shared: bool = False
    ) -> None:
        super().__init__()
        self.dim, self.shared = dim, shared
        self.quantised = False
        self.frozen = False
        self.weight = nn.Parameter(torch.randn(shape) * (2.0 / fan_in) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(shape[dim])) if bias else None

    def parts(self) -> tuple[Tensor, Tensor | None]:
        """The weight, and the bias in units of activations, to compute with at this stage."""
        if self.frozen:
            return self.codes.to(torch.float32) * self.scale, self.offset if self.bias is not None else None
        if not self.quantised:
            return self.weight, None if self.bias is None else self.bias * UNIT
        k = exponents(self.weight, self.dim, self.shared)
        weight = self.weight + (self._codes(k) * 2.0**-k - self.weight).detach()
        if self.bias is None:
            return weight, None
        bias = self.bias * UNIT
        return weight, bias + (self._offset(k) - bias).detach()

    def _codes(self, k: Tensor) -> Tensor:
        return torch.round(self.weight.detach() * 2.0**k).clamp(-CODES, CODES)

    def _offset(self, k: Tensor) -> Tensor:
        assert self.bias is not None
        grid = 2.0 ** k.flatten()
        return torch.round(self.bias.detach() * UNIT * grid) / grid

    def freeze(self) -> None:
        """Replaces the weights by int8 codes, so that an exported file stores those."""
        k = exponents(self.weight, self.dim, self.shared)
        self.register_buffer("codes", self._codes(k).to(torch.int8))
        self.register_buffer("scale", 2.0**-k)
        if self.bias is not None:
            self.register_buffer("offset", self._offset(k))
        self.frozen = True


class ExactConv(ExactLayer):
    """3x3 or 1x1 convolution with same padding: (N, C, H, W) -> (N, D, H, W)."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__((outputs, inputs, kernel, kernel), 0, inputs * kernel * kernel)
        self.padding = kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.parts()
        return F.conv2d(x, weight, bias, padding=self.padding)


class ExactUpConv(ExactLayer):
    """Transposed 4x4 convolution of stride 2: (N, C, H, W) -> (N, D, 2 H, 2 W); each output pixel sees 2x2 inputs."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__((inputs, outputs, 4, 4), 1, inputs * 4)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.parts()
        return F.conv_transpose2d(x, weight, bias, stride=2, padding=1)


class ExactLinear(ExactLayer):
    """Dense layer: (N, C) -> (N, D); one without a bias has one scale for all its weights."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__((outputs, inputs), 0, inputs, bias, shared=not bias)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.parts()
        return F.linear(x, weight, bias)


class ExactTable(ExactLayer):
    """One row of activations per class: labels int64 (N,) -> (N, D). What a dense layer does to a one-hot label."""

    def __init__(self, classes: int, outputs: int, mean: float, spread: float) -> None:
        super().__init__((classes, outputs), 1, classes, bias=False, shared=True)
        nn.init.normal_(self.weight, mean, spread)

    def forward(self, label: Tensor) -> Tensor:
        weight, _ = self.parts()
        return F.embedding(label, weight * UNIT)


def exact_layers(module: nn.Module) -> Iterator[ExactLayer]:
    """All layers of a network that have the three stages."""
    return (layer for layer in module.modules() if isinstance(layer, ExactLayer))

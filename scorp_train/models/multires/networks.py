"""The networks of the default model: the generator, which is exported, and two that only help to train it.

The generator's prior turns noise into a code, which says how somebody writes: it chooses a component of a mixture of
Gaussians and draws from it. The drawing part turns the code into ink: low, mid and high features are learned in turn,
multiplied by filter selectors, and meet in the last layer. Most work happens at 7 and 14 pixels; one transposed
convolution reaches 28, where anything wider would cost more than all the rest. Layers compute in the integer units of
`integer.py`.
"""

import math

import torch
import torch.nn.functional as F
from scipy.stats import norm
from torch import Tensor, nn

from scorp_runtime.sampling.knobs import Knob
from scorp_train.models.integer import (
    CODES,
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
from scorp_train.models.model_api import Task

from .mixture import Conditional

RARITY = Knob("rarity", "", 0.0, 2.0, 1 / 64)
LOW_SIDE = 7
# Features before their selector keep their sign and are cut at 8 units.
SIGNED = 511.0
HIGH, SKIP = 16, 8  # channels at 14 x 14


class StyleEntrance(nn.Module):
    """Styles in real units and rarity -> integers, float32 (N, S + 1) -> (N, S + 1).

    Styles are centred, with `UNIT / 2` to `UNIT` per standard deviation; a rarity of 1 is `UNIT`.
    """

    low: Tensor
    high: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(self, task: Task) -> None:
        super().__init__()
        knobs = (*task.knobs, RARITY)
        self.register_buffer("low", torch.tensor([knob.low for knob in knobs]))
        self.register_buffer("high", torch.tensor([knob.high for knob in knobs]))
        self.register_buffer("centre", torch.tensor((*task.style_centre, 0.0)))
        # A power of two, so that the product is exact.
        spread = torch.tensor((*task.style_spread, 1.0))
        self.register_buffer("scale", 2.0 ** torch.floor(torch.log2(UNIT / spread)))

    def forward(self, style: Tensor) -> Tensor:
        clipped = torch.minimum(torch.maximum(style, self.low), self.high)
        return torch.round((clipped - self.centre) * self.scale)


class Prior(nn.Module):
    """Noise (N, Z), label (N,), styles and rarity as integers (N, S + 1) -> code, integers (N, C).

    Noise has a number per component, C for the code's own dimensions and R for the factors. The component is the one
    with the largest sum of log-weight and Gumbel noise (Gumbel 1954), so each is chosen with its probability given
    class and style. All tables hold integers, or multiples of a power of two, and do not change once they are fitted.
    """

    NOISE_UNIT = 32.0  # integers per standard deviation of noise
    NOISE_LIMIT = 127
    SCORE_UNIT = 16.0  # integers per nat
    NEVER = -30_000.0  # score of a component that does not exist
    PLACE_UNIT = 4.0  # integers per standard deviation of a style, when a component is chosen
    PLACE_LIMIT = 18.0
    SLOPE_GRID, SLOPE_LIMIT = 32.0, 255.0
    MEAN_UNIT = 4.0
    TABLE_GRID = 32.0

    gumbel: Tensor
    first: Tensor
    left: Tensor
    right: Tensor
    constants: Tensor
    slopes: Tensor
    means: Tensor
    loadings: Tensor
    spreads: Tensor

    def __init__(self, classes: int, knobs: int, code: int, components: int, factors: int) -> None:
        super().__init__()
        self.sizes, self.knobs = (components, code, factors), knobs
        rows, pairs = classes * components, torch.combinations(torch.arange(knobs), with_replacement=True)
        # A negative position counts from the end, so position -127 is that of noise -127.
        limit = self.NOISE_LIMIT
        normal = torch.cat([torch.arange(limit + 1), torch.arange(-limit, 0)]) / self.NOISE_UNIT
        gumbel = -torch.log(-torch.log(torch.from_numpy(norm.cdf(normal.double().numpy()))))
        # Divided by the unit of rarity, with which it is multiplied.
        self.register_buffer("gumbel", torch.round(gumbel * self.SCORE_UNIT).float() / UNIT)
        self.register_buffer("first", torch.arange(classes) * components)
        self.register_buffer("left", pairs[:, 0].clone())
        self.register_buffer("right", pairs[:, 1].clone())
        self.register_buffer("constants", torch.zeros(classes, components))
        self.register_buffer("slopes", torch.zeros(classes, components, knobs + len(pairs)))
        self.register_buffer("means", torch.zeros(rows, code, dtype=torch.int8))
        self.register_buffer("loadings", torch.zeros(rows, knobs + factors, code, dtype=torch.int8))
        self.register_buffer("spreads", torch.full((rows, code), int(self.TABLE_GRID), dtype=torch.int8))

    @property
    def latent(self) -> int:
        """The number of columns of noise."""
        return sum(self.sizes)

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        knobs, rarity = style[:, : self.knobs], style[:, self.knobs :]
        components, code, _ = self.sizes
        limit = float(self.NOISE_LIMIT)
        latent = F.hardtanh(torch.round(noise * self.NOISE_UNIT), -limit, limit)
        row = self._component(latent[:, :components], label, knobs, rarity)
        # About 0.8 of the noise at rarity 0, all of it at 1, and 1.2 at 2.
        share = rarity * (13.0 / UNIT / self.NOISE_UNIT) + 51.0 / self.NOISE_UNIT
        drawn = torch.round(latent[:, components:] * share)
        own, common = drawn[:, :code], drawn[:, code:]
        mean = (self.means.float() * self.MEAN_UNIT)[row]
        loading = (self.loadings.float() / self.TABLE_GRID)[row]
        spread = (self.spreads.float() / self.TABLE_GRID)[row]
        joint = torch.cat([knobs, common], 1).unsqueeze(1)
        return as_code(mean + (joint @ loading).squeeze(1) + own * spread)

    def _component(self, choice: Tensor, label: Tensor, knobs: Tensor, rarity: Tensor) -> Tensor:
        """Return the row of the chosen component in the tables, int64 (N,)."""
        limit = self.PLACE_LIMIT
        place = F.hardtanh(torch.round(knobs * (self.PLACE_UNIT / UNIT)), -limit, limit)
        products = place.index_select(1, self.left) * place.index_select(1, self.right)
        features = torch.cat([place, products], 1).unsqueeze(2)
        score = (self.slopes[label] @ features).squeeze(2) + self.constants[label]
        luck = self.gumbel[choice.long()] * rarity
        return self.first[label] + (score + luck).argmax(1)

    @torch.no_grad()
    def set_class(self, label: int, mixture: Conditional) -> None:
        """Store the mixture of a class, in units of codes and standardised styles; the rest is never chosen."""
        count = len(mixture.constant)
        rows = slice(label * self.sizes[0], label * self.sizes[0] + count)
        own = mixture.constant - mixture.constant.max()
        self.constants[label] = self.NEVER
        self.constants[label, :count] = torch.round(own * self.SCORE_UNIT).clamp_min(self.NEVER / 2).float()
        linear = mixture.linear * (self.SCORE_UNIT / self.PLACE_UNIT)
        # The quadratic form is symmetric, so its mixed terms count twice.
        twice = torch.where(self.left == self.right, 1.0, 2.0).to(linear)
        quadratic = mixture.quadratic[:, self.left, self.right] * twice
        slopes = torch.cat([linear, quadratic * (self.SCORE_UNIT / self.PLACE_UNIT**2)], 1)
        slopes = (slopes * self.SLOPE_GRID).round() / self.SLOPE_GRID
        slopes = slopes.clamp(-self.SLOPE_LIMIT, self.SLOPE_LIMIT).float()
        # Only differences between components matter, and small scores stay exact.
        middle = (slopes.amin(0) + slopes.amax(0)) / 2
        slopes -= (middle * self.SLOPE_GRID).floor() / self.SLOPE_GRID
        self.slopes[label] = slopes[0]
        self.slopes[label, :count] = slopes
        self.means[rows] = _codes(mixture.mean * (UNIT / self.MEAN_UNIT))
        self.loadings[rows] = _codes(torch.cat([mixture.slope, mixture.factors], 2).mT * self.TABLE_GRID)
        self.spreads[rows] = _codes(mixture.spread * self.TABLE_GRID)


def _codes(values: Tensor) -> Tensor:
    return values.round().clamp(-CODES, CODES).to(torch.int8)


def as_code(x: Tensor) -> Tensor:
    """The nearest code: integers of standard deviation `UNIT`, cut at four of them."""
    return rounded(F.hardtanh(x, -LEVELS, LEVELS))


class Generator(nn.Module):
    """noise float32 (N, Z), label int64 (N,), style float32 (N, S + 1) -> ink 0 ... 255, float32 (N, 1, 28, 28).

    The last style is the rarity; the others are measured.
    """

    def __init__(self, task: Task, prior: Prior, first: int, low: int, mid: int) -> None:
        super().__init__()
        classes, knobs = len(task.classes), len(task.knobs)
        area = LOW_SIDE * LOW_SIDE
        self.quantised = False
        self.first_channels, self.knobs = first, knobs
        self.entrance = StyleEntrance(task)
        self.prior = prior
        self.shape = ExactLinear(prior.sizes[1], first * area, bias=False)
        self.low_selector = ExactTable(classes, first * area, 1.0, 0.5)
        self.low_selector_style = ExactLinear(knobs, first * area, bias=False)
        self.widen = ExactConv(first, low, 3)
        self.low = ExactConv(low, low, 3)
        self.mid = ExactUpConv(low, mid)
        self.mid_selector = ExactTable(classes, mid, 1.0, 0.3)
        self.mid_selector_style = ExactLinear(knobs, mid, bias=False)
        self.high = ExactConv(mid, HIGH, 3)
        self.low_skip = ExactConv(low, SKIP, 1)
        self.last = ExactUpConv(SKIP + mid + HIGH, 1)

    def encode(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        """Draw codes from the prior: integers of standard deviation `UNIT`, float32 (N, C)."""
        code: Tensor = self.prior(noise, label, self.entrance(style))
        return code

    def decode(self, code: Tensor, label: Tensor, style: Tensor) -> Tensor:
        """Return the ink of codes, float32 (N, 1, 28, 28)."""
        knobs = self.entrance(style)[:, : self.knobs]
        selector = self.low_selector(label) + self.low_selector_style(knobs)
        features = self._whole(F.hardtanh(self.shape(code), -SIGNED, SIGNED))
        features = self._activated(self._selected(features, selector))
        low = self._activated(self.widen(features.reshape(-1, self.first_channels, LOW_SIDE, LOW_SIDE)))
        low = self._activated(self.low(low))
        mid = self._activated(self.mid(low))
        selector = self.mid_selector(label) + self.mid_selector_style(knobs)
        mid = self._activated(self._selected(mid, selector.unsqueeze(2).unsqueeze(3)))
        high = self._activated(self.high(mid))
        skip = F.interpolate(self._activated(self.low_skip(low)), scale_factor=2.0, mode="nearest")
        ink: Tensor = self.last(torch.cat([skip, mid, high], 1))
        return ink.float()

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        return self.decode(self.encode(noise, label, style), label, style)

    def quantise(self) -> None:
        """Round weights and activations in the forward pass from now on."""
        self.quantised = True
        for layer in exact_layers(self):
            layer.quantised = True

    def freeze(self) -> None:
        """Turn the weights into int8 codes, for export."""
        self.quantise()
        for layer in exact_layers(self):
            layer.freeze()

    def _whole(self, x: Tensor) -> Tensor:
        return rounded(x) if self.quantised else x

    def _activated(self, x: Tensor) -> Tensor:
        return self._whole(rectified(x))

    def _selected(self, x: Tensor, selector: Tensor) -> Tensor:
        """Multiply integer features by a filter selector, whose 1.0 is `UNIT`: cut, so that the product is exact."""
        return x * (self._whole(F.hardtanh(selector, -LEVELS, LEVELS)) / UNIT)


class ExportedGenerator(nn.Module):
    """A generator as in the model file: float32 (N, Z), int64 (N,), float32 (N, S + 1) -> uint8 (N, 28, 28).

    Faint ink becomes paper unless stronger ink touches it, so there are no specks beside the strokes.
    """

    FAINT = 40.0  # grey levels

    def __init__(self, generator: Generator, side: int) -> None:
        super().__init__()
        self.generator, self.side = generator, side

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        ink = torch.round(rectified(self.generator(noise, label, style)))
        near_stroke = F.hardtanh(F.max_pool2d(ink, 3, 1, 1) - self.FAINT, 0.0, 1.0)
        return (ink * near_stroke).to(torch.uint8).reshape(-1, self.side, self.side)


class Encoder(nn.Module):
    """Images (N, 1, 28, 28) in 0 ... 1, label (N,), standardised style (N, S) -> mean, log-variance (N, C) of codes."""

    WIDTH, HIDDEN = 32, 256
    # Codes start close to their means, so that the drawing part listens to them from the first step.
    FIRST_LOG_VARIANCE = -3.0
    LOG_VARIANCES = (-8.0, 2.0)

    def __init__(self, classes: int, knobs: int, code: int) -> None:
        super().__init__()
        self.classes = classes
        width = self.WIDTH
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(1, width, 4, 2, 1),
                nn.Conv2d(width, 2 * width, 3, 2, 1),
                nn.Conv2d(2 * width, 2 * width, 3, 1, 1),
            ]
        )
        self.squeeze = nn.Linear(2 * width * LOW_SIDE**2, self.HIDDEN)
        self.code = nn.Linear(self.HIDDEN + classes + knobs, 2 * code)
        with torch.no_grad():
            self.code.bias[code:] = self.FIRST_LOG_VARIANCE

    def forward(self, image: Tensor, label: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        x = image
        for convolution in self.convolutions:
            x = F.leaky_relu(convolution(x), 0.1, inplace=True)
        x = F.leaky_relu(self.squeeze(x.flatten(1)), 0.1).float()
        one_hot = F.one_hot(label, self.classes).to(x)
        mean, log_variance = self.code(torch.cat([x, one_hot, style], 1)).float().chunk(2, 1)
        return mean, log_variance.clamp(*self.LOG_VARIANCES)


class Discriminator(nn.Module):
    """Images (N, 1, 28, 28) in 0 ... 1, label (N,), standardised style (N, S) -> own logit, class logits, features.

    It is a classifier that answers with the class of a real image and zeros for a generated one. It goes from high to
    mid to low features and scores each channel by its maximum, and keeps a little of the low map's spatial detail.
    """

    SLOPE, DETAIL, FEATURES = 0.2, 32, 128

    def __init__(self, classes: int, knobs: int, width: int) -> None:
        super().__init__()
        self.high = nn.ModuleList([nn.Conv2d(1, width, 4, 2, 1), nn.Conv2d(width, width, 3, 1, 1)])
        self.mid = nn.ModuleList(
            [nn.Conv2d(width, 2 * width, 3, 2, 1), nn.Conv2d(2 * width, 2 * width, 3, 1, 1)]
        )
        self.low = nn.ModuleList(
            [nn.Conv2d(2 * width, 3 * width, 3, 2, 1), nn.Conv2d(3 * width, 3 * width, 3, 1, 1)]
        )
        self.detail = nn.Conv2d(3 * width, self.DETAIL, 1)
        self.features = nn.Linear(6 * width + self.DETAIL * 16, self.FEATURES)
        self.classify = nn.Linear(self.FEATURES, classes)
        self.style = nn.Linear(knobs, self.FEATURES, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, self.SLOPE)
                torch.nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, label: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logit (N,) that the image is real and of this class and style, logits (N, K), features (N, F)."""
        scores = []
        x = image
        for stage in (self.high, self.mid, self.low):
            for convolution in stage:
                x = F.leaky_relu(convolution(x), self.SLOPE, inplace=True)
            scores.append(x.amax((2, 3)))
        scores.append(F.leaky_relu(self.detail(x), self.SLOPE).flatten(1))
        features = F.leaky_relu(self.features(torch.cat(scores, 1)), self.SLOPE)
        logits = self.classify(features)
        # Projection (Miyato and Koyama 2018) for the style; the class has logits of its own.
        fit = (features * self.style(style)).sum(1) / math.sqrt(self.FEATURES)
        return logits.gather(1, label[:, None])[:, 0] + fit, logits, features

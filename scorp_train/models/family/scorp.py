"""`scorp`: the S.C.O.R.P paper, a deep convolutional GAN whose resolution goes up the longer it trains.

The generator draws from noise alone by convolutions with batch normalisation and ReLU (Radford et al. 2016), the
convolutional discriminator answers a probability, and both are updated in turns by binary cross-entropy. Pictures
have 7 x 7 pixels at first, then 14 x 14, then 28 x 28, each faded in (Karras et al. 2018), until the loss has come to
rest (`growth.py`). It cannot be told what to draw.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.distributed.collectives import own_rows
from scorp_train.models.export_module import FloatPicture
from scorp_train.models.option_checks import check_numbers, check_precision, fraction, integer, number
from scorp_train.models.precision import arithmetic
from scorp_train.models.task import Batch, Task, Told

from .adversarial import play
from .growth import Growth

LAST = 2  # number of the resolution of a whole picture; each one before has half of the next one's side
SLOPE = 0.2
# As Radford et al. start the weights of a generator.
SPREAD = 0.02


@dataclass(frozen=True)
class ScorpOptions:
    """`width` counts channels at 28 x 28; `rate` and `momentum` are of both Adams; `*_share` are of all steps."""

    latent: int = integer(100)
    width: int = integer(12)
    rate: float = number(2e-4)
    momentum: float = fraction(0.5, below=True)
    fade_steps: int = integer(1_000)
    window: int = integer(500)
    tolerance: float = number(0.02)
    patience: int = integer(3)
    longest_share: float = number(0.15, 0, 1 / LAST, below=True)
    """Without coming to rest, a resolution below the last one ends after this share; the last one gets the rest."""
    precision: str = "auto"

    preset: ClassVar[dict[str, Any]] = {"name": "scorp", "epochs": 40, "batch": 64}

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)


class Generator(nn.Module):
    """noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, h, w) at one of three resolutions."""

    def __init__(self, latent: int, width: int, side: int) -> None:
        super().__init__()
        self.channels = [4 * width, 2 * width, width]
        self.first, self.low_side = 8 * width, side // 4
        self.shape = nn.Linear(latent, self.first * self.low_side**2)
        self.shape_norm = nn.BatchNorm2d(self.first)
        low, mid, high = self.channels
        self.blocks = nn.ModuleList(
            [
                nn.Conv2d(self.first, low, 3, 1, 1),
                nn.ConvTranspose2d(low, mid, 4, 2, 1),
                nn.ConvTranspose2d(mid, high, 4, 2, 1),
            ]
        )
        self.norms = nn.ModuleList([nn.BatchNorm2d(channels) for channels in self.channels])
        self.pixels = nn.ModuleList([nn.Conv2d(channels, 1, 3, 1, 1) for channels in self.channels])

    def forward(self, noise: Tensor, stage: int, share: float) -> Tensor:
        """Pictures of resolution number `stage`, of which the one before still has `1 - share`."""
        x = self.shape(noise).reshape(-1, self.first, self.low_side, self.low_side)
        before = x = F.relu(self.shape_norm(x))
        for block, norm in zip(self.blocks[: stage + 1], self.norms, strict=False):
            before, x = x, F.relu(norm(block(x)))
        drawn = torch.tanh(self.pixels[stage](x).float())
        if share == 1.0:
            return drawn
        coarse = torch.tanh(self.pixels[stage - 1](before).float())
        coarse = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return coarse + share * (drawn - coarse)  # torch.lerp compares, which no model file may


class Discriminator(nn.Module):
    """pixels -1 ... 1, float32 (N, 1, h, w) -> logit of being real (N, 1); its sigmoid is in the loss."""

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        low, mid, high = 4 * width, 2 * width, width
        self.pixels = nn.ModuleList([nn.Conv2d(1, channels, 3, 1, 1) for channels in (low, mid, high)])
        self.shrink = nn.ModuleList([nn.Conv2d(mid, low, 4, 2, 1), nn.Conv2d(high, mid, 4, 2, 1)])
        self.low = nn.Conv2d(low, low, 3, 1, 1)
        self.answer = nn.Linear(low * (side // 4) ** 2, 1)

    def forward(self, image: Tensor, stage: int, share: float) -> Tensor:
        """The answer to pictures of resolution level `stage`, of which the one before still has `1 - share`."""
        x = F.leaky_relu(self.pixels[stage](image), SLOPE)
        for level in range(stage, 0, -1):
            x = F.leaky_relu(self.shrink[level - 1](x), SLOPE)
            if level == stage and share < 1.0:
                coarse = F.leaky_relu(self.pixels[stage - 1](F.avg_pool2d(image, 2)), SLOPE)
                x = torch.lerp(coarse, x, share)
        x = F.leaky_relu(self.low(x), SLOPE)
        logit: Tensor = self.answer(x.flatten(1))
        return logit.float()


class AtResolution(nn.Module):
    """The generator as far as it has grown, its pictures enlarged to full size."""

    def __init__(self, generator: nn.Module, stage: int, share: float) -> None:
        super().__init__()
        self.generator, self.stage, self.share = generator, stage, share

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.generator(noise, self.stage, self.share)
        if self.stage < LAST:
            pixels = F.interpolate(pixels, scale_factor=2.0 ** (LAST - self.stage), mode="nearest")
        return pixels


class Scorp:
    """See `models/model.py` for what the trainer asks of it."""

    Options = ScorpOptions
    architecture = (
        "unconditional deep convolutional GAN: batch normalisation and ReLU, grown from 7x7 to 14x14 to 28x28; "
        "convolutional discriminator with a probability"
    )
    told = Told.NOTHING

    def __init__(self, task: Task, options: ScorpOptions) -> None:
        self.options, self.latent = options, options.latent
        longest = max(1, round(options.longest_share * task.steps))
        self.growth = Growth((longest,) * LAST, options.window, options.tolerance, options.patience)
        self.networks = nn.ModuleDict(
            {
                "generator": Generator(options.latent, options.width, task.side),
                "discriminator": Discriminator(options.width, task.side),
                "growth": self.growth,
            }
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for weight in self.networks["generator"].parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, 0.0, SPREAD)
        for weight in self.networks["discriminator"].parameters():
            if weight.dim() > 1:  # without normalisation, small weights would carry no signal
                nn.init.kaiming_normal_(weight, SLOPE)
        self.optimizers = {
            name: torch.optim.Adam(
                self.networks[name].parameters(), options.rate, (options.momentum, 0.999), fused=True
            )
            for name in ("generator", "discriminator")
        }

    @property
    def converged(self) -> bool:
        """Whether the training may end: the loss at full resolution has come to rest."""
        return self.growth.converged

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        stage, share = self.growth.stage, self.growth.fading(self.options.fade_steps)
        real = F.avg_pool2d(batch.images, 2 ** (LAST - stage)) * 2.0 - 1.0
        noise = own_rows(torch.randn, len(real), self.latent, generator=random).to(real)
        discriminator = self.networks["discriminator"]

        def judged(images: Tensor) -> Tensor:
            with arithmetic(images.device, self.options.precision):
                logits: Tensor = discriminator(images, stage, share)
            return logits

        with arithmetic(real.device, self.options.precision):
            generated = self.networks["generator"](noise, stage, share)
        target = torch.ones(len(real), 1, device=real.device)
        statistics = play(self.optimizers, discriminator, judged, real, generated, target)
        self.growth.note(statistics["generator_loss"])
        side = torch.tensor(float(real.shape[3]), device=real.device)
        return statistics | {"resolution": side}

    def picture(self, step: int) -> nn.Module:
        share = self.growth.fading(self.options.fade_steps)
        return FloatPicture(AtResolution(self.networks["generator"], self.growth.stage, share), self.told)

    def exact(self, step: int) -> bool:
        return False

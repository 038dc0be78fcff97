"""`scorp`: the model of the S.C.O.R.P paper, a deep convolutional GAN that trains at rising resolutions.

The generator draws from noise alone by convolutions with batch normalisation and ReLU (Radford et al. 2016); the
convolutional discriminator returns a probability. Images have 7 x 7 pixels at first, then 14 x 14, then 28 x 28. Each
resolution is faded in (Karras et al. 2018) and lasts until the loss has converged (`growth.py`).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.models.export_module import FloatExport
from scorp_train.models.model_api import Batch, StepRandom, Task
from scorp_train.models.option_checks import integer, number

from .adversarial import AdversarialModel, AdversarialOptions
from .growth import Growth

LAST = 2  # number of the full resolution; each one before has half the side
SLOPE = 0.2
SPREAD = 0.02  # standard deviation of the generator's first weights, as in Radford et al.


@dataclass(frozen=True)
class ScorpOptions(AdversarialOptions):
    """Options of `scorp`."""

    width: int = integer(12, text="channels at 28 x 28")
    fade_steps: int = integer(1_000, text="steps over which a resolution is faded in")
    window: int = integer(500, text="steps over which the loss is averaged to detect convergence")
    tolerance: float = number(0.02, text="relative change of the loss between windows that counts as none")
    patience: int = integer(3, text="windows without change after which a resolution has converged")
    longest_share: float = number(
        0.15,
        0,
        1 / LAST,
        below=True,
        text="most steps of a resolution below 28 x 28, as a share of all steps",
    )

    preset: ClassVar[dict[str, Any]] = {"name": "scorp", "epochs": 40, "batch": 64}


class Generator(nn.Module):
    """Noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, h, w) at one of three resolutions."""

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
        """Return images of resolution number `stage`, blended with the one before unless `share` is 1."""
        x = self.shape(noise).reshape(-1, self.first, self.low_side, self.low_side)
        before = x = F.relu(self.shape_norm(x))
        for block, norm in zip(self.blocks[: stage + 1], self.norms, strict=False):
            before, x = x, F.relu(norm(block(x)))
        drawn = torch.tanh(self.pixels[stage](x).float())
        if share == 1.0:
            return drawn
        coarse = torch.tanh(self.pixels[stage - 1](before).float())
        coarse = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return coarse + share * (
            drawn - coarse
        )  # torch.lerp exports a comparison, which model files may not have


class Discriminator(nn.Module):
    """Pixels -1 ... 1, float32 (N, 1, h, w) -> logit of being real (N, 1)."""

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        low, mid, high = 4 * width, 2 * width, width
        self.pixels = nn.ModuleList([nn.Conv2d(1, channels, 3, 1, 1) for channels in (low, mid, high)])
        self.shrink = nn.ModuleList([nn.Conv2d(mid, low, 4, 2, 1), nn.Conv2d(high, mid, 4, 2, 1)])
        self.low = nn.Conv2d(low, low, 3, 1, 1)
        self.answer = nn.Linear(low * (side // 4) ** 2, 1)

    def forward(self, image: Tensor, stage: int, share: float) -> Tensor:
        """Return the logits of images of resolution number `stage`, blended like the generator's."""
        x = F.leaky_relu(self.pixels[stage](image), SLOPE)
        for level in range(stage, 0, -1):
            x = F.leaky_relu(self.shrink[level - 1](x), SLOPE)
            if level == stage and share < 1.0:
                coarse = F.leaky_relu(self.pixels[stage - 1](F.avg_pool2d(image, 2)), SLOPE)
                x = torch.lerp(coarse, x, share)
        x = F.leaky_relu(self.low(x), SLOPE)
        logit: Tensor = self.answer(x.flatten(1))
        return logit


class AtResolution(nn.Module):
    """The generator at one resolution, with its images enlarged to full size."""

    def __init__(self, generator: nn.Module, stage: int, share: float) -> None:
        super().__init__()
        self.generator, self.stage, self.share = generator, stage, share

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.generator(noise, self.stage, self.share)
        if self.stage < LAST:
            pixels = F.interpolate(pixels, scale_factor=2.0 ** (LAST - self.stage), mode="nearest")
        return pixels


class Scorp(AdversarialModel):
    """The model `scorp`."""

    Options = ScorpOptions
    architecture = (
        "unconditional deep convolutional GAN: batch normalisation and ReLU, grown from 7x7 to 14x14 to 28x28; "
        "convolutional discriminator with a probability"
    )

    def __init__(self, task: Task, options: ScorpOptions) -> None:
        longest = max(1, round(options.longest_share * task.steps))
        self.growth = Growth((longest,) * LAST, options.window, options.tolerance, options.patience)
        generator = Generator(options.latent, options.width, task.side)
        discriminator = Discriminator(options.width, task.side)
        super().__init__(options, generator, discriminator, growth=self.growth)
        for weight in generator.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, 0.0, SPREAD)
        for weight in discriminator.parameters():
            if weight.dim() > 1:  # without normalisation, small weights would carry no signal
                nn.init.kaiming_normal_(weight, SLOPE)

    @property
    def converged(self) -> bool:
        return self.growth.converged

    def train_step(self, batch: Batch, step: int, random: StepRandom) -> dict[str, Tensor]:
        side = torch.tensor(float(batch.images.shape[3] // 2 ** (LAST - self.growth.stage)))
        return super().train_step(batch, step, random) | {"resolution": side.to(batch.images.device)}

    def after_step(self, statistics: dict[str, Tensor]) -> None:
        """Count the step, which may raise the resolution."""
        self.growth.count(statistics["generator_loss"])

    def generate(self, noise: Tensor, labels: Tensor) -> Tensor:
        images: Tensor = self.networks["generator"](noise, self.growth.stage, self._fading)
        return images

    def discriminate(self, images: Tensor, random: StepRandom) -> Tensor:
        logits: Tensor = self.networks["discriminator"](images, self.growth.stage, self._fading)
        return logits

    def scale(self, images: Tensor) -> Tensor:
        return F.avg_pool2d(images, 2 ** (LAST - self.growth.stage)) * 2.0 - 1.0

    @property
    def _fading(self) -> float:
        return self.growth.fading(self.options.fade_steps)

    def export_module(self, step: int) -> nn.Module:
        generator = AtResolution(self.networks["generator"], self.growth.stage, self._fading)
        return FloatExport(generator, labelled=False)

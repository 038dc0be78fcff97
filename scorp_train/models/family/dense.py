"""`dense`: a GAN of fully connected layers on digits of any class.

The generator widens 100 numbers of noise step by step, each step with LeakyReLU and batch normalisation (Ioffe and
Szegedy 2015), to 28 x 28 pixels by tanh; the discriminator narrows pixels to one probability. Pixels are scaled by
x / 255 * 2 - 1. It cannot be told what to draw.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from scorp_train.distributed.collectives import own_rows
from scorp_train.models.export_module import FloatPicture
from scorp_train.models.option_checks import check_numbers, check_precision, fraction, integer, number
from scorp_train.models.precision import arithmetic
from scorp_train.models.task import Batch, Task, Told

from .adversarial import play

WIDTHS = (256, 512, 1024)
SLOPE = 0.2
# Batch statistics move slowly, as in the first published networks of this shape.
MOMENTUM = 0.2


@dataclass(frozen=True)
class DenseOptions:
    """`rate` and `momentum` are of both Adams (Kingma and Ba 2015)."""

    latent: int = integer(100)
    rate: float = number(2e-4)
    momentum: float = fraction(0.5, below=True)
    precision: str = "auto"

    preset: ClassVar[dict[str, Any]] = {
        "name": "dense",
        "epochs": 32,
        "batch": 64,
        "sample_steps": "0,1000,10000",
    }

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)


class Generator(nn.Module):
    """noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, latent: int, side: int) -> None:
        super().__init__()
        self.side = side
        hidden: list[nn.Module] = []
        for inputs, outputs in pairwise((latent, *WIDTHS)):
            hidden += [
                nn.Linear(inputs, outputs),
                nn.LeakyReLU(SLOPE),
                nn.BatchNorm1d(outputs, momentum=MOMENTUM),
            ]
        self.layers = nn.Sequential(*hidden, nn.Linear(WIDTHS[-1], side * side), nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.layers(noise)
        return pixels.reshape(-1, 1, self.side, self.side)


class Discriminator(nn.Sequential):
    """pixels -1 ... 1, float32 (N, 1, H, W) -> logit of being real (N, 1); its sigmoid is in the loss."""

    def __init__(self, side: int) -> None:
        super().__init__(
            nn.Flatten(),
            nn.Linear(side * side, WIDTHS[1]),
            nn.LeakyReLU(SLOPE),
            nn.Linear(WIDTHS[1], WIDTHS[0]),
            nn.LeakyReLU(SLOPE),
            nn.Linear(WIDTHS[0], 1),
        )


class DenseGan:
    """See `models/model.py` for what the trainer asks of it."""

    Options = DenseOptions
    architecture = (
        "unconditional GAN of fully connected layers: LeakyReLU and batch normalisation, tanh pixels; dense "
        "discriminator with a probability"
    )
    told = Told.NOTHING

    def __init__(self, task: Task, options: DenseOptions) -> None:
        self.options, self.latent = options, options.latent
        self.networks = nn.ModuleDict(
            {"generator": Generator(options.latent, task.side), "discriminator": Discriminator(task.side)}
        )
        self.optimizers = {
            name: torch.optim.Adam(network.parameters(), options.rate, (options.momentum, 0.999), fused=True)
            for name, network in self.networks.items()
        }

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        real = batch.images * 2.0 - 1.0
        noise = own_rows(torch.randn, len(real), self.latent, generator=random).to(real)
        with arithmetic(real.device, self.options.precision):
            generated = self.networks["generator"](noise).float()
        return play(
            self.optimizers,
            self.networks["discriminator"],
            self._judged,
            real,
            generated,
            torch.ones(len(real), 1, device=real.device),
        )

    def _judged(self, images: Tensor) -> Tensor:
        with arithmetic(images.device, self.options.precision):
            logits: Tensor = self.networks["discriminator"](images)
        return logits.float()

    def picture(self, step: int) -> nn.Module:
        return FloatPicture(self.networks["generator"], self.told)

    def exact(self, step: int) -> bool:
        return False

"""`single-class`: a GAN of linear layers on one chosen digit or letter alone, `--only 7`.

Linear layers with LeakyReLU on both sides, and dropout (Srivastava et al. 2014) in the discriminator, so that it
cannot learn the few pictures of a class by heart.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from scorp_train.distributed.collectives import own_rows
from scorp_train.errors import UsageError
from scorp_train.models.export_module import FloatPicture
from scorp_train.models.option_checks import check_numbers, check_precision, fraction, integer, number
from scorp_train.models.precision import arithmetic
from scorp_train.models.task import Batch, Task, Told

from .adversarial import play

GENERATOR_WIDTHS = (128, 256, 512)
DISCRIMINATOR_WIDTHS = (512, 256)
SLOPE = 0.2


@dataclass(frozen=True)
class SingleClassOptions:
    """`rate` and `momentum` are of both Adams (Kingma and Ba 2015); `dropout` is a share of the discriminator."""

    only: str = ""
    latent: int = integer(100)
    rate: float = number(2e-4)
    momentum: float = fraction(0.5, below=True)
    dropout: float = fraction(0.3, below=True)
    precision: str = "auto"

    preset: ClassVar[dict[str, Any]] = {"name": "single_class", "epochs": 100, "batch": 64}

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)
        if not self.only:
            raise UsageError("the model single-class learns one class: say which, for example --only 7")


class Generator(nn.Module):
    """noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, latent: int, side: int) -> None:
        super().__init__()
        self.side = side
        hidden: list[nn.Module] = []
        for inputs, outputs in pairwise((latent, *GENERATOR_WIDTHS)):
            hidden += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
        self.layers = nn.Sequential(*hidden, nn.Linear(GENERATOR_WIDTHS[-1], side * side), nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.layers(noise)
        return pixels.reshape(-1, 1, self.side, self.side)


class Discriminator(nn.Module):
    """pixels -1 ... 1, float32 (N, 1, H, W) -> logit of being real (N, 1); its sigmoid is in the loss."""

    def __init__(self, side: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        widths = (side * side, *DISCRIMINATOR_WIDTHS)
        self.hidden = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
        self.last = nn.Linear(widths[-1], 1)

    def forward(self, image: Tensor, random: torch.Generator) -> Tensor:
        """`random` decides what is dropped: torch's own dropout could not be resumed to the same result."""
        x = image.flatten(1)
        for layer in self.hidden:
            x = nn.functional.leaky_relu(layer(x), SLOPE)
            kept = own_rows(torch.rand, *x.shape, generator=random).to(x.device) >= self.dropout
            x = x * kept / (1.0 - self.dropout)
        logit: Tensor = self.last(x)
        return logit.float()


class SingleClassGan:
    """See `models/model.py` for what the trainer asks of it."""

    Options = SingleClassOptions
    architecture = (
        "GAN of linear layers on a single class: LeakyReLU, tanh pixels; dropout in the discriminator"
    )
    told = Told.NOTHING

    def __init__(self, task: Task, options: SingleClassOptions) -> None:
        self.options, self.latent = options, options.latent
        self.networks = nn.ModuleDict(
            {
                "generator": Generator(options.latent, task.side),
                "discriminator": Discriminator(task.side, options.dropout),
            }
        )
        self.optimizers = {
            name: torch.optim.Adam(network.parameters(), options.rate, (options.momentum, 0.999), fused=True)
            for name, network in self.networks.items()
        }

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        real = batch.images * 2.0 - 1.0
        noise = own_rows(torch.randn, len(real), self.latent, generator=random).to(real)

        def judged(images: Tensor) -> Tensor:
            with arithmetic(images.device, self.options.precision):
                logits: Tensor = self.networks["discriminator"](images, random)
            return logits

        with arithmetic(real.device, self.options.precision):
            generated = self.networks["generator"](noise).float()
        target = torch.ones(len(real), 1, device=real.device)
        return play(self.optimizers, self.networks["discriminator"], judged, real, generated, target)

    def picture(self, step: int) -> nn.Module:
        return FloatPicture(self.networks["generator"], self.told)

    def exact(self, step: int) -> bool:
        return False

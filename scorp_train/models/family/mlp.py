"""`mlp`: a GAN of two plain multilayer perceptrons on digits of any class.

Hidden layers of 256, 512 and 1,024 numbers with LeakyReLU and tanh pixels in the generator, the same widths backwards
in the discriminator, and nothing else: no normalisation. By choice the discriminator's learning rate adapts to the
game. It cannot be told what to draw.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from scorp_train.distributed.collectives import averaged, own_rows
from scorp_train.errors import UsageError
from scorp_train.models.export_module import FloatPicture
from scorp_train.models.option_checks import check_numbers, check_precision, fraction, integer, number
from scorp_train.models.precision import arithmetic
from scorp_train.models.task import Batch, Task, Told

from .adversarial import play

WIDTHS = (256, 512, 1024)
SLOPE = 0.2
RATES = ("constant", "adaptive")


@dataclass(frozen=True)
class MlpOptions:
    """`rate` and `momentum` are of both Adams (Kingma and Ba 2015)."""

    latent: int = integer(100)
    rate: float = number(2e-4)
    momentum: float = fraction(0.5, below=True)
    learning_rate: str = "constant"
    """`adaptive`: the discriminator learns more slowly for as long as it is right more often than `too_often`."""
    too_often: float = fraction(0.8)
    slower: float = fraction(0.01, below=True)
    """By this share its learning rate falls at each step, or rises back to `rate`."""
    precision: str = "auto"

    preset: ClassVar[dict[str, Any]] = {"name": "mlp", "epochs": 550, "batch": 64}

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)
        if self.learning_rate not in RATES:
            raise UsageError(f"--learning-rate {self.learning_rate!r} is none of {', '.join(RATES)}")


def perceptron(*widths: int) -> list[nn.Module]:
    """Linear layers of these widths with LeakyReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
    return layers[:-1]


class Generator(nn.Module):
    """noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, latent: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.layers = nn.Sequential(*perceptron(latent, *WIDTHS, side * side), nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.layers(noise)
        return pixels.reshape(-1, 1, self.side, self.side)


class MlpGan:
    """See `models/model.py` for what the trainer asks of it."""

    Options = MlpOptions
    architecture = (
        "unconditional GAN of plain perceptrons: LeakyReLU, tanh pixels; discriminator with a probability"
    )
    told = Told.NOTHING

    def __init__(self, task: Task, options: MlpOptions) -> None:
        self.options, self.latent = options, options.latent
        # pixels -1 ... 1, float32 (N, 1, H, W) -> logit of being real (N, 1); its sigmoid is in the loss.
        discriminator = nn.Sequential(nn.Flatten(), *perceptron(task.side**2, *WIDTHS[::-1], 1))
        self.networks = nn.ModuleDict(
            {"generator": Generator(options.latent, task.side), "discriminator": discriminator}
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
        target = torch.ones(len(real), 1, device=real.device)
        statistics = play(
            self.optimizers, self.networks["discriminator"], self._judged, real, generated, target
        )
        if self.options.learning_rate == "adaptive":
            self._adapt((statistics["accuracy_real"] + statistics["accuracy_fake"]) / 2)
        return statistics

    def _judged(self, images: Tensor) -> Tensor:
        with arithmetic(images.device, self.options.precision):
            logits: Tensor = self.networks["discriminator"](images)
        return logits.float()

    def _adapt(self, accuracy: Tensor) -> None:
        """The next learning rate of the discriminator; its optimiser keeps it, and so do checkpoints."""
        o, (group,) = self.options, self.optimizers["discriminator"].param_groups
        if averaged(accuracy).item() > o.too_often:
            group["lr"] *= 1.0 - o.slower
        else:
            group["lr"] = min(o.rate, group["lr"] / (1.0 - o.slower))

    def picture(self, step: int) -> nn.Module:
        return FloatPicture(self.networks["generator"], self.told)

    def exact(self, step: int) -> bool:
        return False

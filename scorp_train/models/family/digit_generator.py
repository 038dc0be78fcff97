"""`digit-generator`: the 'Digit Generator' report, from which the default model of this project descends.

The generator shapes noise into a map of 7 x 7 and multiplies it with a *filter selector*, which a dense layer makes of
the chosen class; features of low, mid and high resolution are learned in turn, and all three meet in one concatenation
and the last convolution. The discriminator scores every channel at three scales by its maximum; from the scores a
dense layer tells the class if the picture is real, and answers zeros if it is not.
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

SLOPE = 0.2


@dataclass(frozen=True)
class DigitGeneratorOptions:
    """`low`, `mid` and `high` count channels of the generator; `*_rate` and `momentum` are of the Adams."""

    latent: int = integer(64)
    low: int = integer(32)
    mid: int = integer(16)
    high: int = integer(8)
    discriminator_width: int = integer(24)
    discriminator_features: int = integer(128)
    generator_rate: float = number(5e-4)
    discriminator_rate: float = number(1e-3)
    momentum: float = fraction(0.5, below=True)
    precision: str = "auto"

    preset: ClassVar[dict[str, Any]] = {"name": "digit_generator", "epochs": 100, "batch": 64}

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)


class Generator(nn.Module):
    """noise float32 (N, Z), label int64 (N,) -> pixels 0 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, options: DigitGeneratorOptions, classes: int, side: int) -> None:
        super().__init__()
        low, mid, high = options.low, options.mid, options.high
        self.channels, self.low_side = low, side // 4
        area = self.low_side**2
        self.shape = nn.Linear(options.latent, low * area)
        self.selector = nn.Embedding(classes, low * area)  # what a dense layer does to a one-hot class
        self.low = nn.Conv2d(low, low, 3, padding=1)
        self.mid = nn.Conv2d(low, mid, 3, padding=1)
        self.high = nn.Conv2d(mid, high, 3, padding=1)
        self.last = nn.Conv2d(low + mid + high, 1, 3, padding=1)

    def forward(self, noise: Tensor, label: Tensor) -> Tensor:
        selected = F.leaky_relu(self.shape(noise), SLOPE) * self.selector(label)
        low = F.leaky_relu(self.low(selected.reshape(-1, self.channels, self.low_side, self.low_side)), SLOPE)
        mid = F.leaky_relu(self.mid(_enlarged(low, 2)), SLOPE)
        high = F.leaky_relu(self.high(_enlarged(mid, 2)), SLOPE)
        pixels: Tensor = self.last(torch.cat([_enlarged(low, 4), _enlarged(mid, 2), high], 1))
        return torch.sigmoid(pixels.float())


class Discriminator(nn.Module):
    """pixels 0 ... 1, float32 (N, 1, H, W) -> logits (N, K) of being a real picture of each class."""

    def __init__(self, width: int, features: int, classes: int) -> None:
        super().__init__()
        self.high = nn.Conv2d(1, width, 4, 2, 1)
        self.mid = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.low = nn.Conv2d(2 * width, 4 * width, 3, 2, 1)
        self.features = nn.Linear(7 * width, features)
        self.answer = nn.Linear(features, classes)
        for layer in (self.high, self.mid, self.low):
            nn.init.kaiming_normal_(layer.weight, SLOPE)

    def forward(self, image: Tensor) -> Tensor:
        high = F.leaky_relu(self.high(image), SLOPE)
        mid = F.leaky_relu(self.mid(high), SLOPE)
        low = F.leaky_relu(self.low(mid), SLOPE)
        scores = torch.cat([high.amax((2, 3)), mid.amax((2, 3)), low.amax((2, 3))], 1)
        logits: Tensor = self.answer(F.leaky_relu(self.features(scores), SLOPE))
        return logits.float()


class DigitGenerator:
    """See `models/model.py` for what the trainer asks of it."""

    Options = DigitGeneratorOptions
    architecture = (
        "conditional GAN with a filter selector: noise times selector at 7x7, low, mid and high features concatenated; "
        "discriminator of channel maxima at three scales that names the class of a real picture"
    )
    told = Told.CLASS
    # The last samples are the grid of epoch 99, counted from 0.

    def __init__(self, task: Task, options: DigitGeneratorOptions) -> None:
        self.options, self.latent = options, options.latent
        self.classes = len(task.classes)
        self.networks = nn.ModuleDict(
            {
                "generator": Generator(options, self.classes, task.side),
                "discriminator": Discriminator(
                    options.discriminator_width, options.discriminator_features, self.classes
                ),
            }
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = {
            name: torch.optim.Adam(
                self.networks[name].parameters(), rate, (options.momentum, 0.999), fused=True
            )
            for name, rate in (
                ("generator", options.generator_rate),
                ("discriminator", options.discriminator_rate),
            )
        }

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        real, labels = batch.images, batch.labels
        noise = own_rows(torch.randn, len(real), self.latent, generator=random).to(real)
        with arithmetic(real.device, self.options.precision):
            generated = self.networks["generator"](noise, labels)
        target = F.one_hot(labels, self.classes).float()
        return play(self.optimizers, self.networks["discriminator"], self._judged, real, generated, target)

    def _judged(self, images: Tensor) -> Tensor:
        with arithmetic(images.device, self.options.precision):
            logits: Tensor = self.networks["discriminator"](images)
        return logits

    def picture(self, step: int) -> nn.Module:
        return FloatPicture(self.networks["generator"], self.told, low=0.0)

    def exact(self, step: int) -> bool:
        return False


def _enlarged(features: Tensor, times: int) -> Tensor:
    return F.interpolate(features, scale_factor=float(times), mode="nearest")

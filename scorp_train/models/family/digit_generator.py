"""`digit-generator`: the model of the 'Digit Generator' report, the ancestor of this project's default model.

The generator shapes noise into a map of 7 x 7 and multiplies it by a *filter selector*, which a dense layer computes
from the class. Features of low, mid and high resolution are learned in turn; all three meet in one concatenation and
the last convolution. The discriminator scores every channel at three scales by its maximum. From these scores a dense
layer names the class of a real image and answers zeros to a generated one.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.models.model_api import Batch, Task
from scorp_train.models.option_checks import fraction, integer, number, precision

from .adversarial import AdversarialModel

SLOPE = 0.2


@dataclass(frozen=True)
class DigitGeneratorOptions:
    """Options of `digit-generator`."""

    latent: int = integer(64, text="length of the noise")
    low: int = integer(32, text="channels of the generator at 7 x 7")
    mid: int = integer(16, text="channels of the generator at 14 x 14")
    high: int = integer(8, text="channels of the generator at 28 x 28")
    discriminator_width: int = integer(24, text="channels of the discriminator at 14 x 14")
    discriminator_features: int = integer(128, text="features of the discriminator's dense layer")
    generator_rate: float = number(5e-4, text="learning rate of the generator")
    discriminator_rate: float = number(1e-3, text="learning rate of the discriminator")
    momentum: float = fraction(0.5, below=True, text="first-moment decay of Adam")
    precision: str = precision()

    preset: ClassVar[dict[str, Any]] = {"name": "digit_generator", "epochs": 100, "batch": 64}


class Generator(nn.Module):
    """Noise float32 (N, Z), label int64 (N,) -> pixels 0 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, options: DigitGeneratorOptions, classes: int, side: int) -> None:
        super().__init__()
        low, mid, high = options.low, options.mid, options.high
        self.channels, self.low_side = low, side // 4
        area = self.low_side**2
        self.shape = nn.Linear(options.latent, low * area)
        self.selector = nn.Embedding(classes, low * area)  # equals a dense layer of a one-hot class
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
    """Pixels 0 ... 1, float32 (N, 1, H, W) -> logits (N, K) of being a real image of each class."""

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
        return logits


class DigitGenerator(AdversarialModel):
    """The model `digit-generator`."""

    Options = DigitGeneratorOptions
    architecture = (
        "conditional GAN with a filter selector: noise times selector at 7x7, low, mid and high features concatenated; "
        "discriminator of channel maxima at three scales that names the class of a real image"
    )
    inputs = ("label",)
    low = 0.0

    def __init__(self, task: Task, options: DigitGeneratorOptions) -> None:
        self.classes = len(task.classes)
        generator = Generator(options, self.classes, task.side)
        discriminator = Discriminator(
            options.discriminator_width, options.discriminator_features, self.classes
        )
        super().__init__(
            options, generator, discriminator, (options.generator_rate, options.discriminator_rate)
        )

    def generate(self, noise: Tensor, labels: Tensor) -> Tensor:
        images: Tensor = self.networks["generator"](noise, labels)
        return images

    def scale(self, images: Tensor) -> Tensor:
        return images

    def target(self, batch: Batch) -> Tensor:
        return F.one_hot(batch.labels, self.classes).float()


def _enlarged(features: Tensor, times: int) -> Tensor:
    return F.interpolate(features, scale_factor=float(times), mode="nearest")

"""GANs of fully connected layers: `dense`, `mlp` and `single-class`. None takes a class as input.

All three widen noise step by step to 28 x 28 pixels by tanh, with LeakyReLU in between; the discriminator narrows
pixels to one probability. `dense` adds batch normalisation (Ioffe and Szegedy 2015) to the generator. `mlp` has the
same widths in both networks and, optionally, an adaptive learning rate of the discriminator. `single-class` learns one
class alone (`--only 7`); dropout (Srivastava et al. 2014) keeps its discriminator from memorising the few images.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from torch import Tensor, nn

from scorp_train.errors import UsageError
from scorp_train.models.model_api import StepRandom, Task
from scorp_train.models.option_checks import choice, fraction, option

from .adversarial import AdversarialModel, AdversarialOptions

WIDTHS = (256, 512, 1024)
SINGLE_CLASS_WIDTHS = (128, 256, 512)
SLOPE = 0.2
NORM_MOMENTUM = 0.2  # batch statistics move slowly, as in the first published networks of this shape


@dataclass(frozen=True)
class DenseOptions(AdversarialOptions):
    """Options of `dense`."""

    preset: ClassVar[dict[str, Any]] = {
        "name": "dense",
        "epochs": 32,
        "batch": 64,
        "sample_steps": "0,1000,10000",
    }


@dataclass(frozen=True)
class MlpOptions(AdversarialOptions):
    """Options of `mlp`."""

    learning_rate: str = choice(
        "constant",
        ("constant", "adaptive"),
        "constant, or adaptive: slower for the discriminator while its accuracy exceeds --too-often",
    )
    too_often: float = fraction(0.8, text="accuracy of the discriminator that slows its learning")
    slower: float = fraction(0.01, below=True, text="share by which its learning rate changes in a step")

    preset: ClassVar[dict[str, Any]] = {"name": "mlp", "epochs": 550, "batch": 64}


@dataclass(frozen=True)
class SingleClassOptions(AdversarialOptions):
    """Options of `single-class`."""

    only: str = option("", "the class to learn, for example 7")
    dropout: float = fraction(0.3, below=True, text="share of the discriminator's features that are dropped")

    preset: ClassVar[dict[str, Any]] = {"name": "single_class", "epochs": 100, "batch": 64}

    def __post_init__(self) -> None:
        if not self.only:
            raise UsageError(
                "the model single-class learns one class; pass --only CLASS, for example --only 7"
            )


class Generator(nn.Module):
    """Noise float32 (N, Z) -> pixels -1 ... 1, float32 (N, 1, H, W)."""

    def __init__(self, *widths: int, side: int, normalised: bool = False) -> None:
        super().__init__()
        self.side = side
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
            layers += [nn.BatchNorm1d(outputs, momentum=NORM_MOMENTUM)] if normalised else []
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], side * side), nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        pixels: Tensor = self.layers(noise)
        return pixels.reshape(-1, 1, self.side, self.side)


class Discriminator(nn.Sequential):
    """Pixels -1 ... 1, float32 (N, 1, H, W) -> logit of being real (N, 1)."""

    def __init__(self, *widths: int) -> None:
        super().__init__(nn.Flatten())
        for inputs, outputs in pairwise(widths):
            self.extend([nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)])
        self.append(nn.Linear(widths[-1], 1))


class DropoutDiscriminator(nn.Module):
    """The same with dropout after each hidden layer, decided by `random` so that a resumed run repeats it."""

    def __init__(self, *widths: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.hidden = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
        self.last = nn.Linear(widths[-1], 1)

    def forward(self, image: Tensor, random: StepRandom) -> Tensor:
        x = image.flatten(1)
        for layer in self.hidden:
            x = nn.functional.leaky_relu(layer(x), SLOPE)
            kept = random.rand(*x.shape).to(x.device) >= self.dropout
            x = x * kept / (1.0 - self.dropout)
        logit: Tensor = self.last(x)
        return logit


class DenseGan(AdversarialModel):
    """The model `dense`."""

    Options = DenseOptions
    architecture = (
        "unconditional GAN of fully connected layers: LeakyReLU and batch normalisation, tanh pixels; dense "
        "discriminator with a probability"
    )

    def __init__(self, task: Task, options: DenseOptions) -> None:
        generator = Generator(options.latent, *WIDTHS, side=task.side, normalised=True)
        super().__init__(options, generator, Discriminator(task.side**2, WIDTHS[1], WIDTHS[0]))


class MlpGan(AdversarialModel):
    """The model `mlp`."""

    Options = MlpOptions
    architecture = (
        "unconditional GAN of plain perceptrons: LeakyReLU, tanh pixels; discriminator with a probability"
    )

    def __init__(self, task: Task, options: MlpOptions) -> None:
        discriminator = Discriminator(task.side**2, *WIDTHS[::-1])  # first: the order decides the weights
        super().__init__(options, Generator(options.latent, *WIDTHS, side=task.side), discriminator)

    def after_step(self, statistics: dict[str, Tensor]) -> None:
        """Set the discriminator's next learning rate; its optimiser, and so the checkpoint, keeps it."""
        o, (group,) = self.options, self.optimizers["discriminator"].param_groups
        if o.learning_rate != "adaptive":
            return
        accuracy = (statistics["accuracy_real"] + statistics["accuracy_fake"]) / 2
        if accuracy.item() > o.too_often:
            group["lr"] *= 1.0 - o.slower
        else:
            group["lr"] = min(o.rate, group["lr"] / (1.0 - o.slower))


class SingleClassGan(AdversarialModel):
    """The model `single-class`."""

    Options = SingleClassOptions
    architecture = (
        "GAN of linear layers on a single class: LeakyReLU, tanh pixels; dropout in the discriminator"
    )

    def __init__(self, task: Task, options: SingleClassOptions) -> None:
        generator = Generator(options.latent, *SINGLE_CLASS_WIDTHS, side=task.side)
        discriminator = DropoutDiscriminator(task.side**2, 512, 256, dropout=options.dropout)
        super().__init__(options, generator, discriminator)

    def discriminate(self, images: Tensor, random: StepRandom) -> Tensor:
        logits: Tensor = self.networks["discriminator"](images, random)
        return logits

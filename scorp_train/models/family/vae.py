"""`vae`: a variational autoencoder (Kingma and Welling 2014) conditioned on the class (Sohn et al. 2015).

An encoder turns an image and its class into a normal distribution of codes; a decoder draws an image of a code and a
class. The first loss is the cross-entropy of the reconstruction. The second is the divergence of the codes from a
standard normal, so that random codes draw good images. Reconstructions can be compared with their originals.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.models.export_module import FloatExport
from scorp_train.models.model_api import Batch, StepRandom, Task
from scorp_train.models.option_checks import integer, number, precision
from scorp_train.models.precision import arithmetic

from .adversarial import update


@dataclass(frozen=True)
class VaeOptions:
    """Options of `vae`."""

    latent: int = integer(16, text="length of the code")
    hidden: int = integer(256, text="features of the dense layers")
    width: int = integer(32, text="channels at 14 x 14")
    rate: float = number(1e-3, text="learning rate of Adam")
    divergence: float = number(1.0, text="weight of the codes' divergence in the loss")
    precision: str = precision()

    preset: ClassVar[dict[str, Any]] = {"name": "vae", "epochs": 30, "batch": 128}


class Encoder(nn.Module):
    """Pixels 0 ... 1, float32 (N, 1, H, W), label int64 (N,) -> mean and log-variance of the code, both (N, Z)."""

    def __init__(self, options: VaeOptions, classes: int, side: int) -> None:
        super().__init__()
        width, self.classes = options.width, classes
        self.shrink = nn.Conv2d(1, width, 4, 2, 1)
        self.shrink_again = nn.Conv2d(width, 2 * width, 4, 2, 1)
        self.hidden = nn.Linear(2 * width * (side // 4) ** 2 + classes, options.hidden)
        self.code = nn.Linear(options.hidden, 2 * options.latent)

    def forward(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        features = F.relu(self.shrink_again(F.relu(self.shrink(image)))).flatten(1)
        hidden = F.relu(self.hidden(torch.cat([features, F.one_hot(label, self.classes).to(features)], 1)))
        mean, log_variance = self.code(hidden).float().chunk(2, 1)
        return mean, log_variance


class Decoder(nn.Module):
    """Code float32 (N, Z), label int64 (N,) -> pixels 0 ... 1, float32 (N, 1, H, W): the mean image of the code."""

    def __init__(self, options: VaeOptions, classes: int, side: int) -> None:
        super().__init__()
        self.width, self.side = 2 * options.width, side // 4
        self.hidden = nn.Linear(options.latent, options.hidden)
        self.classes = nn.Embedding(classes, options.hidden)
        self.shape = nn.Linear(options.hidden, self.width * self.side**2)
        self.grow = nn.ConvTranspose2d(self.width, options.width, 4, 2, 1)
        self.grow_again = nn.ConvTranspose2d(options.width, 1, 4, 2, 1)

    def forward(self, code: Tensor, label: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(code, label))

    def logits(self, code: Tensor, label: Tensor) -> Tensor:
        hidden = F.relu(self.hidden(code) + self.classes(label))
        features = F.relu(self.shape(hidden)).reshape(-1, self.width, self.side, self.side)
        logits: Tensor = self.grow_again(F.relu(self.grow(features)))
        return logits.float()


class Vae:
    """The model `vae`."""

    Options = VaeOptions
    architecture = "conditional variational autoencoder: convolutional encoder (left behind) and decoder"
    inputs = ("label",)

    def __init__(self, task: Task, options: VaeOptions) -> None:
        self.options, self.latent = options, options.latent
        sizes = (options, len(task.classes), task.side)
        self.encoder, self.decoder = Encoder(*sizes), Decoder(*sizes)
        self.networks = nn.ModuleDict({"encoder": self.encoder, "decoder": self.decoder})
        self.optimizers = {"both": torch.optim.Adam(self.networks.parameters(), options.rate, fused=True)}

    def train_step(self, batch: Batch, step: int, random: StepRandom) -> dict[str, Tensor]:
        """Update encoder and decoder; both losses are in nats per image, so their sum bounds the log-likelihood."""
        noise = random.randn(len(batch.images), self.latent).to(batch.images)
        with arithmetic(batch.images.device, self.options.precision):
            mean, log_variance = self.encoder(batch.images, batch.labels)
            logits = self.decoder.logits(mean + noise * (0.5 * log_variance).exp(), batch.labels)
        count = len(batch.images)
        reconstruction = F.binary_cross_entropy_with_logits(logits, batch.images, reduction="sum") / count
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0).sum() / count
        update(self.optimizers["both"], reconstruction + self.options.divergence * divergence)
        return {"reconstruction_loss": reconstruction.detach(), "divergence_loss": divergence.detach()}

    def reconstruct(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return images redrawn from the means of their codes: pixels 0 ... 1, float32 (N, 1, H, W)."""
        mean, _ = self.encoder(images, labels)
        pixels: Tensor = self.decoder(mean, labels)
        return pixels

    def export_module(self, step: int) -> nn.Module:
        return FloatExport(self.decoder, labelled=True, low=0.0)

    def exact(self, step: int) -> bool:
        return False

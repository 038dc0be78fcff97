"""What the GANs of the family share: one update of the discriminator and one of the generator in each step."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.models.export_module import FloatExport
from scorp_train.models.model_api import Batch, StepRandom
from scorp_train.models.option_checks import fraction, integer, number, precision
from scorp_train.models.precision import arithmetic


@dataclass(frozen=True)
class AdversarialOptions:
    """Options of both networks."""

    latent: int = integer(100, text="length of the noise")
    rate: float = number(2e-4, text="learning rate of Adam")
    momentum: float = fraction(0.5, below=True, text="first-moment decay of Adam")
    precision: str = precision()


class AdversarialModel:
    """A generator and a discriminator trained against each other (Goodfellow et al. 2014).

    The discriminator returns logits (N, K). Their sigmoids should be `target` for real images, 0 for generated ones.
    Both networks minimise binary cross-entropy; the generator uses the non-saturating loss. An unconditional model with
    pixels -1 ... 1 and K = 1 overrides nothing. `options` have `latent`, `momentum` and `precision`.
    """

    inputs: tuple[str, ...] = ()
    low = -1.0
    """The value of white paper in the images of the generator; black ink is 1."""

    def __init__(
        self,
        options: Any,
        generator: nn.Module,
        discriminator: nn.Module,
        rates: tuple[float, float] | None = None,
        **state: nn.Module,
    ) -> None:
        """Use `options.rate` for both networks unless `rates` has one for each; `state` is saved with them."""
        self.options, self.latent = options, options.latent
        networks = {"generator": generator, "discriminator": discriminator}
        self.networks = nn.ModuleDict({**networks, **state})
        self.networks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = {
            name: torch.optim.Adam(networks[name].parameters(), rate, (options.momentum, 0.999), fused=True)
            for name, rate in zip(networks, rates or (options.rate, options.rate), strict=True)
        }

    def train_step(self, batch: Batch, step: int, random: StepRandom) -> dict[str, Tensor]:
        """Update the discriminator, then the generator; return losses and accuracies of the discriminator."""
        real, target = self.scale(batch.images), self.target(batch)
        noise = random.randn(len(real), self.latent).to(real)
        with arithmetic(real.device, self.options.precision):
            generated = self.generate(noise, batch.labels).float()
        discriminator = self.networks["discriminator"]
        real_logits, fake_logits = self._logits(real, random), self._logits(generated.detach(), random)
        real_loss = F.binary_cross_entropy_with_logits(real_logits, target)
        fake_loss = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(target))
        discriminator_loss = (real_loss + fake_loss) / 2
        update(self.optimizers["discriminator"], discriminator_loss)
        discriminator.requires_grad_(False)
        generator_loss = F.binary_cross_entropy_with_logits(self._logits(generated, random), target)
        discriminator.requires_grad_(True)
        update(self.optimizers["generator"], generator_loss)
        return {
            "discriminator_loss": discriminator_loss.detach(),
            "generator_loss": generator_loss.detach(),
            "accuracy_real": ((real_logits.detach() * target).sum(1) > 0).float().mean(),
            "accuracy_fake": (fake_logits.detach().amax(1) < 0).float().mean(),
        }

    def _logits(self, images: Tensor, random: StepRandom) -> Tensor:
        with arithmetic(images.device, self.options.precision):
            return self.discriminate(images, random).float()

    def generate(self, noise: Tensor, labels: Tensor) -> Tensor:
        """Return images `low` ... 1, float32 (N, 1, H, W), of noise (N, Z) and labels (N,)."""
        images: Tensor = self.networks["generator"](noise)
        return images

    def discriminate(self, images: Tensor, random: StepRandom) -> Tensor:
        """Return the logits (N, K) of images `low` ... 1, float32 (N, 1, H, W)."""
        logits: Tensor = self.networks["discriminator"](images)
        return logits

    def scale(self, images: Tensor) -> Tensor:
        """Return real images 0 ... 1 with the range of pixels that the discriminator expects."""
        return images * 2.0 - 1.0

    def target(self, batch: Batch) -> Tensor:
        """Return the logits' target for real images, 0 or 1, float32 (N, K)."""
        return torch.ones(len(batch.images), 1, device=batch.images.device)

    def export_module(self, step: int) -> nn.Module:
        return FloatExport(self.networks["generator"], "label" in self.inputs, self.low)

    def exact(self, step: int) -> bool:
        return False


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one optimiser step on a loss."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()

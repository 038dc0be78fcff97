"""The default model: a multi-resolution generator against a classifier-style discriminator, paired with real digits.

Each generated picture has the class and the style of a real one. The discriminator compares the two (relativistic
pairing, Jolicoeur-Martineau 2019, as in R3GAN, Huang et al. 2024, with both zero-centred gradient penalties) and, as in
the 'Digit Generator' report, names the class of a real picture and answers zeros for a generated one.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.measures.differentiable import styles as measured_styles
from scorp_train.models.integer import LEVELS
from scorp_train.models.multires_discriminator import Discriminator
from scorp_train.models.multires_generator import Generator, Picture
from scorp_train.models.task import Batch, Task

MAY_BE_ZERO = ("warmup_steps", "translation")


@dataclass(frozen=True)
class MultiresOptions:
    """Hyper-parameters; widths count channels, `*_rate` are Adam's learning rates, shares are of all steps."""

    latent: int = 32
    hidden: int = 64
    code: int = 40
    low: int = 32
    mid: int = 16
    high: int = 16
    skip: int = 8
    discriminator_width: int = 24
    discriminator_features: int = 128
    generator_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    warmup_steps: int = 200
    decay_share: float = 0.5
    final_rate_share: float = 0.02
    ema: float = 0.999
    class_weight: float = 0.5
    style_weight: float = 0.3
    penalty: float = 0.1
    penalty_every: int = 8
    translation: int = 2
    quantise_share: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value < 0 or (isinstance(value, int) and value < 1 and field.name not in MAY_BE_ZERO):
                raise ValueError(f"--{field.name.replace('_', '-')} cannot be {value}")


class _Clamp(torch.autograd.Function):
    """Ink -> 0 ... 1, whole levels once quantised; outside, a fifth of the gradient leads back in."""

    @staticmethod
    def forward(ctx: object, ink: Tensor, whole: bool) -> Tensor:
        ctx.save_for_backward(ink)  # type: ignore[attr-defined]
        level = ink.clamp(0.0, LEVELS)
        return (torch.floor(level) if whole else level) / LEVELS

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> tuple[Tensor, None]:
        (ink,) = ctx.saved_tensors  # type: ignore[attr-defined]
        inside = (ink >= 0.0) & (ink <= LEVELS)
        return torch.where(inside, grads[0], grads[0] * 0.2) / LEVELS, None


def translated(images: Tensor, reach: int, random: torch.Generator) -> Tensor:
    """The pictures (N, 1, H, W), all moved by the same -reach ... reach pixels along either axis, paper moved in."""
    down, right = torch.randint(0, 2 * reach + 1, (2,), generator=random).tolist()
    height, width = images.shape[2:]
    padded = F.pad(images, (reach, reach, reach, reach))
    return padded[:, :, down : down + height, right : right + width]


def _accuracies(own: Tensor, real_logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """How often the discriminator is right: about reality, split at the batch's mean own logit, and about classes."""
    real, fake = own.chunk(2)
    middle = own.mean()
    return {
        "accuracy_real": (real > middle).float().mean(),
        "accuracy_fake": (fake < middle).float().mean(),
        "accuracy_class": (real_logits.argmax(1) == labels).float().mean(),
    }


class MultiresGan:
    """The default model of `scorp-train`; see `models/model.py` for what the trainer asks of it."""

    Options = MultiresOptions
    architecture = (
        "multi-resolution conditional generator with filter selectors: noise and style to 7x7, convolutions at 7 and "
        "14, one transposed convolution to 28; trained against a classifier-style discriminator"
    )

    def __init__(self, task: Task, options: MultiresOptions) -> None:
        self.task, self.options, self.latent = task, options, options.latent
        o = options
        generator = Generator(task, o.latent, o.hidden, o.code, o.low, o.mid, o.high, o.skip)
        discriminator = Discriminator(
            len(task.classes), len(task.knobs), o.discriminator_width, o.discriminator_features
        )
        self.networks = nn.ModuleDict(
            {"generator": generator, "discriminator": discriminator, "ema": copy.deepcopy(generator)}
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.networks["ema"].requires_grad_(False)
        self.optimizers: Mapping[str, torch.optim.Optimizer] = {
            "generator": torch.optim.Adam(generator.parameters(), o.generator_rate, (0.0, 0.99), fused=True),
            "discriminator": torch.optim.Adam(
                discriminator.parameters(), o.discriminator_rate, (0.0, 0.99), fused=True
            ),
        }
        self._centre, self._spread = torch.tensor(task.style_centre), torch.tensor(task.style_spread)

    def exact(self, step: int) -> bool:
        """Whether the weights and activations are rounded at that step: the last `quantise_share` of the training."""
        return step >= round(self.task.steps * (1.0 - self.options.quantise_share))

    def picture(self, step: int) -> nn.Module:
        """The moving average of the generator, with frozen int8 codes once it is quantised."""
        generator = copy.deepcopy(self.networks["ema"]).eval()
        assert isinstance(generator, Generator)
        if self.exact(step):
            generator.freeze()
        return Picture(generator, self.task.side)

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        """One update of the discriminator and one of the generator, on the same generated pictures."""
        self._schedule(step)
        noise = torch.randn(len(batch.labels), self.latent, generator=random).to(batch.images.device)
        ink = self.networks["generator"](noise, batch.labels, batch.styles)
        fake = _Clamp.apply(ink, self.exact(step))
        style = (batch.styles - self._centre.to(noise)) / self._spread.to(noise)
        real_logit, statistics = self._discriminator_step(batch, fake.detach(), style, step, random)
        statistics |= self._generator_step(batch, fake, style, real_logit, random)
        self._average(step)
        return statistics

    def _discriminator_step(
        self, batch: Batch, fake: Tensor, style: Tensor, step: int, random: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        o, n = self.options, len(fake)
        images = translated(torch.cat([batch.images, fake]), o.translation, random)
        penalised = step % o.penalty_every == 0
        images.requires_grad_(penalised)
        own, logits = self.networks["discriminator"](images, batch.labels.repeat(2), style.repeat(2, 1))
        target = torch.cat([F.one_hot(batch.labels, logits.shape[1]), torch.zeros_like(logits[:n])])
        pairing = F.softplus(own[n:] - own[:n]).mean()
        naming = F.binary_cross_entropy_with_logits(logits, target.to(logits))
        loss = pairing + o.class_weight * naming
        if penalised:
            # R1 and R2, lazily (Karras et al. 2020): every few steps, that many times as strong.
            (slope,) = torch.autograd.grad(own.sum(), images, create_graph=True)
            loss = loss + o.penalty * o.penalty_every * slope.square().sum((1, 2, 3)).mean()
        self._update("discriminator", loss)
        return own[:n].detach(), {
            "discriminator_loss": pairing.detach(),
            "class_loss": naming.detach(),
            **_accuracies(own.detach(), logits[:n].detach(), batch.labels),
        }

    def _generator_step(
        self, batch: Batch, fake: Tensor, style: Tensor, real_logit: Tensor, random: torch.Generator
    ) -> dict[str, Tensor]:
        o, discriminator = self.options, self.networks["discriminator"]
        discriminator.requires_grad_(False)
        own, _ = discriminator(translated(fake, o.translation, random), batch.labels, style)
        discriminator.requires_grad_(True)
        pairing = F.softplus(real_logit - own).mean()
        wanted = measured_styles(batch.images)
        error = ((measured_styles(fake) - wanted) / wanted.std(0)).clamp(-3.0, 3.0).square().mean()
        self._update("generator", pairing + o.style_weight * error)
        return {"generator_loss": pairing.detach(), "style_error": error.detach()}

    def _update(self, name: str, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _schedule(self, step: int) -> None:
        """Learning rates and stage of quantisation, both functions of the step alone."""
        o = self.options
        warm = min(1.0, (step + 1) / max(1, o.warmup_steps))
        left = (1.0 - step / self.task.steps) / max(o.decay_share, 1e-9)
        share = warm * min(1.0, max(o.final_rate_share, left))
        for name, rate in (("generator", o.generator_rate), ("discriminator", o.discriminator_rate)):
            for group in self.optimizers[name].param_groups:
                group["lr"] = rate * share
        if self.exact(step):
            for name in ("generator", "ema"):
                network = self.networks[name]
                assert isinstance(network, Generator)
                network.quantise()

    def _average(self, step: int) -> None:
        """Exponential moving average of the generator, with a shorter memory while it is young."""
        decay = min(self.options.ema, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.networks["ema"].parameters()),
                list(self.networks["generator"].parameters()),
                1 - decay,
            )

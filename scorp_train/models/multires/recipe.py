"""The default model: learn codes of real images, fit a mixture to the codes, then compete with a discriminator.

Adversarial training alone makes images that are right and alike. So the variety is learned from real images first:

1. codes: an encoder and the generator's drawing part learn to redraw each training image from a code (a variational
   autoencoder, Kingma and Welling 2014, given class and style);
2. prior: a mixture of Gaussians is fitted to the codes and styles of each class (`mixture.py`), once, between the
   stages. Given the style, it is the generator's prior, and stays as it is;
3. adversarial: the drawing part against a classifier-style discriminator. It compares each generated image with a real
   one of its class and style (relativistic pairing, Jolicoeur-Martineau 2019, as in R3GAN, Huang et al. 2024, with both
   zero-centred gradient penalties) and, as in the 'Digit Generator' report, names the class of a real image and answers
   zeros for a generated one. The drawing part also goes on redrawing real images from their codes, which keeps their
   variety, and generated images must be named as their class, which keeps odd codes readable.

The last steps compute with integers, as the exported file does. The exported weights are a moving average.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.measures.differentiable import styles as measured_styles
from scorp_train.models.integer import LEVELS, UNIT
from scorp_train.models.model_api import Batch, OwnKnob, StepRandom, Task
from scorp_train.models.precision import arithmetic

from .mixture import condition, fit_mixture
from .networks import RARITY, Discriminator, Encoder, ExportedGenerator, Generator, Prior, as_code
from .options import MultiresOptions

# Adversarial networks chase each other, so they have no momentum (as in R3GAN).
CHASE, DESCEND = (0.0, 0.99), (0.9, 0.99)
QUANTISED_SHARE = 0.0441  # of all steps, at the end: 578 of the released 13,104
AVERAGE = 0.999  # decay of the moving average, per step
WARMUP = 200  # steps over which the learning rates of a stage rise, at most a tenth of the stage
DECAY_SHARE = 0.5  # of a stage: the last part, in which the rates fall
FINAL_RATE = 0.02  # share of the rate at the end of a stage
HEAD_START = 200  # steps of the discriminator alone, at most a tenth of the stage
BRIEF_AFTER = 0.1  # share of the codes stage after which the weight of the information in codes is complete
CLASS_WEIGHT = 5.0  # of the class that the discriminator names
REDRAWN_WEIGHT = 1.0  # of the discriminator's opinion of redrawn images
LIKENESS_WEIGHT = 2.0  # of the discriminator's features of a redrawn image
PENALTY_EVERY = 8  # steps
PENALTY_GROWTH = 5.0  # the penalty at the end of the stage, relative to its beginning
TRANSLATION = 2  # px


@dataclass(frozen=True)
class Place:
    """A step within its stage: the number of the step, and the stage's length."""

    adversarial: bool
    step: int
    steps: int

    @property
    def pace(self) -> float:
        """The share of the full learning rate, without the rise at the beginning."""
        return min(1.0, max(FINAL_RATE, (1.0 - self.step / max(1, self.steps)) / DECAY_SHARE))

    @property
    def rate(self) -> float:
        """The share of the full learning rate."""
        return self.pace * min(1.0, (self.step + 1) / self.at_most_a_tenth(WARMUP))

    def at_most_a_tenth(self, steps: int) -> int:
        """Return `steps`, or a tenth of a short stage."""
        return max(1, min(steps, self.steps // 10))


class MultiresGan:
    """The default model of `scorp-train`; `model_api.Model` describes the methods."""

    Options = MultiresOptions
    architecture = (
        "multi-resolution conditional generator with filter selectors: a mixture of Gaussians per class, given the "
        "style, draws a code, which is drawn at 7x7, 14x14 and, by one transposed convolution, 28x28; trained by an "
        "encoder, and against a classifier-style discriminator"
    )
    own_knobs = (OwnKnob(RARITY, 1.0),)

    def __init__(self, task: Task, options: MultiresOptions) -> None:
        self.options, self.task = options, task
        o, classes, knobs = options, len(task.classes), len(task.knobs)
        prior = Prior(classes, knobs, o.code, o.components, o.factors)
        self._generator = Generator(task, prior, o.first, o.low, o.mid)
        self._encoder = Encoder(classes, knobs, o.code)
        self._discriminator = Discriminator(classes, knobs, o.discriminator_width)
        self._average = copy.deepcopy(self._generator).requires_grad_(False)
        self.latent = prior.latent
        self.networks = nn.ModuleDict(
            {
                "generator": self._generator,
                "encoder": self._encoder,
                "discriminator": self._discriminator,
                "average": self._average,
            }
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._rates = {
            "codes": o.codes_rate,
            "generator": o.generator_rate,
            "discriminator": o.discriminator_rate,
        }
        drawing = [*self._generator.parameters(), *self._encoder.parameters()]
        self.optimizers: Mapping[str, torch.optim.Optimizer] = {
            "codes": self._adam("codes", drawing, DESCEND),
            "generator": self._adam("generator", self._generator.parameters(), CHASE),
            "discriminator": self._adam("discriminator", self._discriminator.parameters(), CHASE),
        }
        self.prior_step = round(task.steps * o.codes_share)
        self._centre, self._spread = torch.tensor(task.style_centre), torch.tensor(task.style_spread)

    def _adam(
        self, name: str, parameters: Iterable[nn.Parameter], betas: tuple[float, float]
    ) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, self._rates[name], betas, fused=True)

    def exact(self, step: int) -> bool:
        return step >= round(self.task.steps * (1.0 - QUANTISED_SHARE))

    def export_module(self, step: int) -> nn.Module:
        generator = copy.deepcopy(self._average).eval()
        if self.exact(step):
            generator.freeze()
        return ExportedGenerator(generator, self.task.side)

    def stage(self, step: int) -> str:
        return "adversarial" if self._place(step).adversarial else "codes"

    def train_step(self, batch: Batch, step: int, random: StepRandom) -> dict[str, Tensor]:
        place, style = self._place(step), self._standardised(batch.styles)
        if place.adversarial:
            statistics = self._compete(batch, style, place, step, random)
        else:
            statistics = self._learn_codes(batch, style, place, random)
        decay = min(AVERAGE, (step + 1) / (step + 10))  # a shorter memory while it is young
        torch._foreach_lerp_(list(self._average.parameters()), list(self._generator.parameters()), 1 - decay)
        return statistics

    # Stage 1: codes.

    def _learn_codes(
        self, batch: Batch, style: Tensor, place: Place, random: StepRandom
    ) -> dict[str, Tensor]:
        """Redraw images from their codes, which are kept near a standard normal distribution."""
        o = self.options
        with self._arithmetic():
            mean, log_variance = self._encoder(batch.images, batch.labels, style)
            code = self._sampled(mean, log_variance, random)
            ink = self._generator.decode(code, batch.labels, batch.styles)
        missed = F.mse_loss(grey_levels(ink, False), batch.images)
        information = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean()
        # Codes first learn what is useful, and then become brief.
        brief = o.code_weight * min(1.0, place.step / (BRIEF_AFTER * place.steps))
        self._update("codes", o.picture_weight * missed + brief * information, place)
        return {"picture_loss": missed.detach(), "code_nats": information.detach()}

    # Between the stages: the prior.

    @torch.no_grad()
    def fit_prior(self, batches: Iterable[Batch], random: StepRandom) -> None:
        """Fit a mixture to the styles and codes of each class; the trainer calls this before step `prior_step`."""
        points, variances, labels = [], [], []
        for batch in batches:
            style = self._standardised(batch.styles)
            mean, log_variance = self._encoder(batch.images, batch.labels, style)
            # The prior knows a style as the generator's integers, here in units.
            known = self._generator.entrance(batch.styles)[:, :-1] / UNIT
            points.append(torch.cat([known, mean], 1).double())
            variances.append(torch.cat([torch.zeros_like(known), log_variance.exp()], 1).double())
            labels.append(batch.labels)
        point, variance, label = (torch.cat(each).cpu() for each in (points, variances, labels))
        prior = self._generator.prior
        for number in range(len(self.task.classes)):
            own = label == number
            mixture = fit_mixture(point[own], variance[own], self.options.components, random)
            prior.set_class(number, condition(mixture, len(self.task.knobs), self.options.factors))
        self._average.prior.load_state_dict(prior.state_dict())

    # Stage 2: the drawing part against the discriminator.

    def _compete(
        self, batch: Batch, style: Tensor, place: Place, step: int, random: StepRandom
    ) -> dict[str, Tensor]:
        """Update the discriminator and then the generator, on the same generated images."""
        o, n, labels = self.options, len(batch.labels), batch.labels
        whole = self.exact(step)
        if whole:
            self._generator.quantise()
        noise = random.randn(n, self.latent).to(batch.styles)
        with torch.no_grad():
            drawn = self._generator.encode(noise, labels, batch.styles)
            with self._arithmetic():
                mean, log_variance = self._encoder(batch.images, labels, style)
            seen = self._sampled(mean, log_variance, random)
        with self._arithmetic(not whole):
            ink = self._generator.decode(
                torch.cat([drawn, seen]), labels.repeat(2), batch.styles.repeat(2, 1)
            )
        fake, redrawn = grey_levels(ink, whole).chunk(2)
        real_logit, statistics = self._update_discriminator(batch, fake.detach(), style, place, random)
        if place.step < place.at_most_a_tenth(HEAD_START):
            return (
                statistics  # a discriminator that has learned nothing would only undo what the codes learned
            )
        shown = translated(torch.cat([fake, redrawn, batch.images]), random)
        self._discriminator.requires_grad_(False)
        with self._arithmetic():
            own, logits, features = self._discriminator(shown, labels.repeat(3), style.repeat(3, 1))
        self._discriminator.requires_grad_(True)
        _, redrawn_features, original_features = features.chunk(3)
        losses = {
            "generator_loss": (1.0, F.softplus(real_logit - own[:n]).mean()),
            # Redrawn images are compared with their originals, which sharpens rare forms as well.
            "redrawn_loss": (REDRAWN_WEIGHT, F.softplus(real_logit - own[n : 2 * n]).mean()),
            "naming_loss": (o.naming_weight, F.cross_entropy(logits[:n].float(), labels)),
            "style_error": (o.style_weight, style_error(fake, batch.images)),
            # Redrawn images stay like their originals, in pixels and in features (Larsen et al. 2016).
            "picture_loss": (o.picture_weight, F.mse_loss(redrawn, batch.images)),
            "likeness_loss": (LIKENESS_WEIGHT, F.mse_loss(redrawn_features, original_features.detach())),
        }
        self._update(
            "generator", torch.stack([weight * loss for weight, loss in losses.values()]).sum(), place
        )
        return statistics | {name: loss.detach() for name, (_, loss) in losses.items()}

    def _update_discriminator(
        self, batch: Batch, fake: Tensor, style: Tensor, place: Place, random: StepRandom
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the logits (N,) of the real images, and statistics."""
        n = len(fake)
        images = translated(torch.cat([batch.images, fake]), random)
        penalised = place.step % PENALTY_EVERY == 0
        images.requires_grad_(penalised)
        # The penalty differentiates twice, which needs full precision.
        with self._arithmetic(not penalised):
            own, logits, _ = self._discriminator(images, batch.labels.repeat(2), style.repeat(2, 1))
        target = torch.cat([F.one_hot(batch.labels, logits.shape[1]), torch.zeros_like(logits[:n])])
        pairing = F.softplus(own[n:] - own[:n]).mean()
        naming = F.binary_cross_entropy_with_logits(logits, target.to(logits))
        loss = pairing + CLASS_WEIGHT * place.pace * naming
        if penalised:
            # R1 and R2, lazily (Karras et al. 2020): every few steps, that many times as strong.
            (slope,) = torch.autograd.grad(own.sum(), images, create_graph=True)
            growth = 1.0 + (PENALTY_GROWTH - 1.0) * (1.0 - place.pace)
            penalty = self.options.penalty * growth * PENALTY_EVERY
            loss = loss + penalty * slope.square().sum((1, 2, 3)).mean()
        self._update("discriminator", loss, place)
        return own[:n].detach(), {
            "discriminator_loss": pairing.detach(),
            "class_loss": naming.detach(),
        }

    # Shared by the stages.

    def _place(self, step: int) -> Place:
        begin = self.prior_step
        if step < begin:
            return Place(False, step, begin)
        return Place(True, step - begin, self.task.steps - begin)

    def _standardised(self, styles: Tensor) -> Tensor:
        return (styles[:, :-1] - self._centre.to(styles)) / self._spread.to(styles)

    def _sampled(self, mean: Tensor, log_variance: Tensor, random: StepRandom) -> Tensor:
        """Return codes from the distributions that the encoder describes."""
        noise = random.randn(*mean.shape).to(mean)
        return as_code(UNIT * (mean + noise * (0.5 * log_variance).exp()))

    def _update(self, name: str, loss: Tensor, place: Place) -> None:
        optimizer = self.optimizers[name]
        for group in optimizer.param_groups:
            group["lr"] = self._rates[name] * place.rate
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _arithmetic(self, fast: bool = True) -> torch.autocast:
        return arithmetic(self._generator.last.weight.device, self.options.precision, fast)


def grey_levels(ink: Tensor, whole: bool) -> Tensor:
    """Return ink (N, 1, H, W) as grey levels 0 ... 1; integers of 1/255, as in the file, if `whole`."""
    levels: Tensor = _Clamp.apply(ink, whole)
    return levels


class _Clamp(torch.autograd.Function):
    """Clamps ink to 0 ... 255; outside, a fifth of the gradient leads back in."""

    @staticmethod
    def forward(ctx: object, ink: Tensor, whole: bool) -> Tensor:
        ctx.save_for_backward(ink)  # type: ignore[attr-defined]
        level = ink.clamp(0.0, LEVELS)
        return (torch.round(level) if whole else level) / LEVELS

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> tuple[Tensor, None]:
        (ink,) = ctx.saved_tensors  # type: ignore[attr-defined]
        inside = (ink >= 0.0) & (ink <= LEVELS)
        return torch.where(inside, grads[0], grads[0] * 0.2) / LEVELS, None


def translated(images: Tensor, random: StepRandom) -> Tensor:
    """Return images (N, 1, H, W), all moved by the same random number of pixels along either axis."""
    reach = TRANSLATION
    down, right = torch.randint(0, 2 * reach + 1, (2,), generator=random).tolist()
    height, width = images.shape[2:]
    padded = F.pad(images, (reach, reach, reach, reach))
    return padded[:, :, down : down + height, right : right + width]


def style_error(images: Tensor, real: Tensor) -> Tensor:
    """Return the mean squared difference of measured styles from those of paired real images, in their spreads."""
    wanted = measured_styles(real)
    return ((measured_styles(images) - wanted) / wanted.std(0)).clamp(-3.0, 3.0).square().mean()

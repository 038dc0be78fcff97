"""The default model: a generator that learns to draw, then whom to draw like, then to please a critic.

Adversarial training alone makes digits that are right and alike. So the variety is learned from people first:

1. codes: an encoder and the generator's drawing part learn to redraw every training digit from a code (a variational
   autoencoder, Kingma and Welling 2014, given class and style);
2. flow: a network for training only learns how codes are distributed, and so pairs any noise with a code;
3. front: the generator's dense front learns those pairs;
4. adversarial: the whole generator against a classifier-style discriminator, which compares each generated picture
   with a real one of its class and style (relativistic pairing, Jolicoeur-Martineau 2019, as in R3GAN, Huang et al.
   2024, with both zero-centred gradient penalties) and, as in the 'Digit Generator' report, names the class of a real
   picture and answers zeros for a generated one. Flow and encoder hold the generator to the variety it has learned.
   Before it ends, in whole numbers, the weights go a part of their way back to what they were when this stage began
   (as in Wortsman et al. 2022): what only pleased the critic goes sooner than what makes digits right.
"""

import copy
from collections.abc import Iterable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scorp_train.distributed.collectives import own_rows

from .code_flow import CodeFlow
from .integer import UNIT
from .multires_discriminator import Discriminator
from .multires_encoder import Encoder
from .multires_generator import Generator, Picture, Widths
from .multires_losses import accuracies, printed, style_error, translated
from .multires_options import MultiresOptions
from .precision import arithmetic
from .stages import Place, Stages, rate
from .task import Batch, Task

AVERAGED = {"generator": "ema", "flow": "flow_ema"}
# Adversarial networks chase each other: no momentum (as in R3GAN). The rest descend a fixed slope.
CHASE, DESCEND = (0.0, 0.99), (0.9, 0.99)
# To follow the flow takes a third of a step's arithmetic, so only every so-manieth code is held to it.
ANCHORED = 4
# While the rates fall, the critic's penalty and the codes' anchor rise to so many times their weights.
HOLD = 5.0


class MultiresGan:
    """The default model of `scorp-train`; see `models/model.py` for what the trainer asks of it."""

    Options = MultiresOptions
    architecture = (
        "multi-resolution conditional generator with filter selectors: a dense front turns noise, class and style into "
        "a code, drawn at 7x7, 14x14 and, by one transposed convolution, 28x28; trained by an encoder, by a flow of "
        "codes, and against a classifier-style discriminator"
    )

    def __init__(self, task: Task, options: MultiresOptions) -> None:
        self.task, self.options, self.latent = task, options, options.code
        o, classes, knobs = options, len(task.classes), len(task.knobs)
        generator = Generator(
            task, Widths(o.code, o.hidden, o.narrow, o.code, o.first, o.low, o.mid, o.high, o.skip)
        )
        flow = CodeFlow(classes, knobs, o.code, o.flow_width)
        self.networks = nn.ModuleDict(
            {
                "generator": generator,
                "encoder": Encoder(classes, knobs, o.code),
                "flow": flow,
                "discriminator": Discriminator(
                    classes, knobs, o.discriminator_width, o.discriminator_features
                ),
                "ema": copy.deepcopy(generator),
                "taught": copy.deepcopy(generator),
                "flow_ema": copy.deepcopy(flow),
            }
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for name in (*AVERAGED.values(), "taught"):
            self.networks[name].requires_grad_(False)
        self._rates = {
            "codes": o.codes_rate,
            "flow": o.flow_rate,
            "front": o.front_rate,
            "generator": o.generator_rate,
            "discriminator": o.discriminator_rate,
        }
        drawing = [*generator.parameters(), *self.networks["encoder"].parameters()]
        self.optimizers: Mapping[str, torch.optim.Optimizer] = {
            "codes": self._adam("codes", drawing, DESCEND),
            "flow": self._adam("flow", flow.parameters(), DESCEND),
            "front": self._adam("front", generator.front(), DESCEND),
            "generator": self._adam("generator", generator.parameters(), CHASE),
            "discriminator": self._adam("discriminator", self.networks["discriminator"].parameters(), CHASE),
        }
        self._stages = Stages(
            task.steps,
            {
                "codes": o.codes_share,
                "flow": o.flow_share,
                "front": o.front_share,
                "adversarial": 1.0 - o.codes_share - o.flow_share - o.front_share,
            },
        )
        self._centre, self._spread = torch.tensor(task.style_centre), torch.tensor(task.style_spread)

    def _adam(
        self, name: str, parameters: Iterable[nn.Parameter], betas: tuple[float, float]
    ) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, self._rates[name], betas, fused=True)

    def exact(self, step: int) -> bool:
        """Whether the weights and activations are rounded at that step: the last `quantise_share` of the training."""
        return step >= round(self.task.steps * (1.0 - self.options.quantise_share))

    def picture(self, step: int) -> nn.Module:
        """The moving average of the generator, for wider noise, lighter; with int8 codes once it is quantised."""
        generator = copy.deepcopy(self.networks["ema"]).eval()
        assert isinstance(generator, Generator)
        generator.widen_noise(self.options.latent_scale)
        generator.lighten(self.options.ink_cut)
        if self.exact(step):
            generator.freeze()
        return Picture(generator, self.task.side)

    def stage(self, step: int) -> str:
        """Return the name of the stage that a step belongs to."""
        return self._stages.place(step).stage

    def train_step(self, batch: Batch, step: int, random: torch.Generator) -> dict[str, Tensor]:
        """One step of the stage that is due."""
        place = self._stages.place(step)
        style = (batch.styles - self._centre.to(batch.styles)) / self._spread.to(batch.styles)
        if place.stage == "codes":
            statistics = self._learn_codes(batch, style, place, random)
        elif place.stage == "flow":
            statistics = self._learn_flow(batch, style, place, random)
        elif place.stage == "front":
            statistics = self._learn_front(batch, style, place, random)
        else:
            statistics = self._compete(batch, style, place, step, random)
        self._average(step, "flow" if place.stage == "flow" else "generator")
        return statistics

    def _learn_codes(
        self, batch: Batch, style: Tensor, place: Place, random: torch.Generator
    ) -> dict[str, Tensor]:
        """Redraw the pictures from their codes, which are kept near a standard normal."""
        o = self.options
        with self._arithmetic():
            mean, log_variance = self.networks["encoder"](batch.images, batch.labels, style)
            ink = self._generator.decode(
                self._code_of(mean, log_variance, random), batch.labels, batch.styles
            )
        drawn = printed(ink, False)
        missed = F.mse_loss(drawn, batch.images)
        surplus = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean()
        # Codes first find out what they are good for, and are then asked to be brief.
        brief = o.code_weight * min(1.0, place.step / (0.1 * place.steps))
        self._update("codes", o.picture_weight * missed + brief * surplus, place)
        return {"picture_loss": missed.detach(), "code_nats": surplus.detach()}

    def _learn_flow(
        self, batch: Batch, style: Tensor, place: Place, random: torch.Generator
    ) -> dict[str, Tensor]:
        """Learn the velocity towards the codes of the pictures, several times each, as this is cheap."""
        repeats, flow = self.options.flow_repeats, self.networks["flow"]
        assert isinstance(flow, CodeFlow)
        with self._arithmetic():
            with torch.no_grad():
                mean, log_variance = self.networks["encoder"](batch.images, batch.labels, style)
            mean, log_variance = mean.repeat(repeats, 1), log_variance.repeat(repeats, 1)
            code = self._code_of(mean, log_variance, random) / UNIT
            loss = flow.loss(code, batch.labels.repeat(repeats), style.repeat(repeats, 1), random)
        self._update("flow", loss, place)
        return {"flow_loss": loss.detach()}

    def _learn_front(
        self, batch: Batch, style: Tensor, place: Place, random: torch.Generator
    ) -> dict[str, Tensor]:
        """Learn where noise flows to, for the classes and styles of the pictures."""
        repeats = self.options.flow_repeats
        labels, styles = batch.labels.repeat(repeats), batch.styles.repeat(repeats, 1)
        noise = own_rows(torch.randn, len(labels), self.latent, generator=random).to(styles)
        loss = self._astray(
            noise, self._generator.encode(noise, labels, styles), labels, style.repeat(repeats, 1)
        )
        self._update("front", loss, place)
        return {"front_error": loss.detach()}

    def _compete(
        self, batch: Batch, style: Tensor, place: Place, step: int, random: torch.Generator
    ) -> dict[str, Tensor]:
        """One update of the discriminator and one of the generator, on the same generated pictures."""
        n, labels, styles = len(batch.labels), batch.labels, batch.styles
        noise = own_rows(torch.randn, n, self.latent, generator=random).to(styles)
        whole = self.exact(step)
        if place.step == 0:
            self._approach("taught", "ema", 1.0)
        if whole:
            self._make_whole(first=not self.exact(step - 1))
        with self._arithmetic(not whole):
            with torch.no_grad():
                mean, log_variance = self.networks["encoder"](batch.images, labels, style)
            code = self._generator.encode(noise, labels, styles)
            seen = self._code_of(mean, log_variance, random)
            ink = self._generator.decode(torch.cat([code, seen]), labels.repeat(2), styles.repeat(2, 1))
        fake, redrawn = printed(ink, whole).chunk(2)
        real_logit, statistics = self._discriminator_step(batch, fake.detach(), style, place, random)
        if place.step < self.options.head_start:
            return statistics  # a critic that has seen nothing yet would only undo what was learned
        with self._arithmetic():
            shown = translated(torch.cat([fake, redrawn, batch.images]), self.options.translation, random)
            own, features = self._judged(shown, labels.repeat(3), style.repeat(3, 1))
        _, seen_again, original = features.chunk(3)
        few = max(1, n // ANCHORED)
        o = self.options
        wanted = {
            "generator_loss": (1.0, F.softplus(real_logit - own[:n]).mean()),
            "style_error": (o.style_weight, style_error(fake, batch.images)),
            # What redraws people's digits goes on doing so, in pixels and in what the critic sees (Larsen et al. 2016).
            "picture_loss": (o.picture_weight, F.mse_loss(redrawn, batch.images)),
            "front_error": (
                o.anchor_weight * self._hold(place),
                self._astray(noise[:few], code[:few], labels[:few], style[:few]),
            ),
            "likeness_loss": (o.likeness_weight, F.mse_loss(seen_again, original.detach())),
        }
        total = torch.stack([weight * loss for weight, loss in wanted.values()]).sum()
        self._update("generator", total, place)
        return statistics | {name: loss.detach() for name, (_, loss) in wanted.items()}

    def _make_whole(self, first: bool) -> None:
        """Rounds weights and activations from now on; at `first`, the weights also go a part of their way back."""
        if first:
            self._approach("ema", "taught", 1 - self.options.keep_share)
            self._approach("generator", "ema", 1.0)
        for name in ("generator", "ema"):
            network = self.networks[name]
            assert isinstance(network, Generator)
            network.quantise()

    def _discriminator_step(
        self, batch: Batch, fake: Tensor, style: Tensor, place: Place, random: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        o, n = self.options, len(fake)
        images = translated(torch.cat([batch.images, fake]), o.translation, random)
        penalised = place.step % o.penalty_every == 0
        images.requires_grad_(penalised)
        # The penalty differentiates twice, which wants all digits.
        with self._arithmetic(not penalised):
            own, logits, _ = self._discriminator(images, batch.labels.repeat(2), style.repeat(2, 1))
        target = torch.cat([F.one_hot(batch.labels, logits.shape[1]), torch.zeros_like(logits[:n])])
        pairing = F.softplus(own[n:] - own[:n]).mean()
        naming = F.binary_cross_entropy_with_logits(logits, target.to(logits))
        # The critic first learns what it compares, and is held back while all calm down.
        loss = pairing + o.class_weight * self._pace(place) * naming
        if penalised:
            # R1 and R2, lazily (Karras et al. 2020): every few steps, that many times as strong.
            (slope,) = torch.autograd.grad(own.sum(), images, create_graph=True)
            penalty = o.penalty * self._hold(place)
            loss = loss + penalty * o.penalty_every * slope.square().sum((1, 2, 3)).mean()
        self._update("discriminator", loss, place)
        return own[:n].detach(), {
            "discriminator_loss": pairing.detach(),
            "class_loss": naming.detach(),
            **accuracies(own.detach(), logits[:n].detach(), batch.labels),
        }

    def _judged(self, images: Tensor, labels: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator's own logits and features, with gradients for the pictures only."""
        self._discriminator.requires_grad_(False)
        own, _, features = self._discriminator(images, labels, style)
        self._discriminator.requires_grad_(True)
        return own, features

    def _astray(self, noise: Tensor, code: Tensor, labels: Tensor, style: Tensor) -> Tensor:
        """How far codes lie from where their noise flows to, mean squared, in standard deviations."""
        flow = self.networks["flow_ema"]
        assert isinstance(flow, CodeFlow)
        with self._arithmetic():
            wanted = flow.follow(noise, labels, style, self.options.flow_steps)
        return F.mse_loss(code / UNIT, wanted)

    @property
    def _generator(self) -> Generator:
        generator = self.networks["generator"]
        assert isinstance(generator, Generator)
        return generator

    @property
    def _discriminator(self) -> Discriminator:
        discriminator = self.networks["discriminator"]
        assert isinstance(discriminator, Discriminator)
        return discriminator

    @staticmethod
    def _code_of(mean: Tensor, log_variance: Tensor, random: torch.Generator) -> Tensor:
        """A code drawn from what the encoder says of a picture."""
        noise = own_rows(torch.randn, *mean.shape, generator=random).to(mean)
        return Generator.as_code(UNIT * (mean + noise * (0.5 * log_variance).exp()))

    def _arithmetic(self, fast: bool = True) -> torch.autocast:
        return arithmetic(self._generator.last.weight.device, self.options.precision, fast)

    def _pace(self, place: Place, warmup: int = 1) -> float:
        """The share of the full learning rate that is due."""
        o = self.options
        share = o.calm_share if place.stage == "adversarial" else o.decay_share
        return rate(place, warmup, share, o.final_rate_share)

    def _hold(self, place: Place) -> float:
        """How much firmer than at first critic and codes are held: a critic that wins drives codes from people's."""
        return 1.0 + (HOLD - 1.0) * (1.0 - self._pace(place))

    def _update(self, name: str, loss: Tensor, place: Place) -> None:
        optimizer = self.optimizers[name]
        for group in optimizer.param_groups:
            group["lr"] = self._rates[name] * self._pace(place, self.options.warmup_steps)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _average(self, step: int, name: str) -> None:
        """Exponential moving average of a network, with a shorter memory while it is young."""
        decay = min(self.options.ema, (step + 1) / (step + 10))
        self._approach(AVERAGED[name], name, 1 - decay)

    @torch.no_grad()
    def _approach(self, name: str, other: str, share: float) -> None:
        """Moves a network's weights that share of their way to another's."""
        torch._foreach_lerp_(
            list(self.networks[name].parameters()), list(self.networks[other].parameters()), share
        )

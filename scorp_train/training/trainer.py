"""The training loop: data in, a run folder out, resumable at any checkpoint to the same result."""

import copy
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from scorp_train.data import Dataset
from scorp_train.data.epoch_order import epoch_order
from scorp_train.distributed.collectives import average_gradients, averaged, own
from scorp_train.distributed.process import this_process
from scorp_train.errors import RunError
from scorp_train.models.registry import model_class
from scorp_train.models.task import Batch, Task

from .checkpoint import load_checkpoint, save_checkpoint
from .divergence import divergence, finite_weights, first_not_finite
from .options import Plan
from .randomness import Purpose, generator_for
from .resolution import device_for
from .run_folder import RunFolder
from .run_plots import save_curves, save_samples
from .scores import Scorer, reconstruction_scores
from .training_data import Lesson

# Statistics are written, and checkpoints taken, every so many steps of an epoch and at its end.
GROUP = 100
ROWS, SAMPLES_PER_ROW = 10, 12
# Enough to see a trend in a second; an export scores ten times as many.
SCORED = 1_000


def make_task(plan: Plan, lesson: Lesson) -> Task:
    """What the plan asks a network to learn from this lesson."""
    return Task(
        classes=lesson.classes,
        knobs=lesson.natural.knobs,
        style_centre=lesson.natural.centre,
        style_spread=lesson.natural.spread,
        side=lesson.dataset.train.images.shape[1],
        steps=plan.training.epochs * steps_per_epoch(plan, lesson.dataset),
    )


def steps_per_epoch(plan: Plan, dataset: Dataset) -> int:
    """Whole steps in the training pictures; the few left over differ from epoch to epoch."""
    return max(1, len(dataset.train) // plan.training.pictures_per_step)


class Trainer:
    """Trains the plan's model on a lesson inside a run folder."""

    def __init__(self, plan: Plan, lesson: Lesson, run: RunFolder) -> None:
        self.plan, self.dataset, self.natural, self.run = plan, lesson.dataset, lesson.natural, run
        self.device = device_for(plan)
        self.leads = this_process().leads
        self.task = make_task(plan, lesson)
        # Weights are drawn from torch's global generator, as its layers know no other; it is put back afterwards.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator_for(plan.training.seed, Purpose.WEIGHTS).initial_seed())
            self.model = model_class(plan.training.model)(self.task, plan.model)
        self.model.networks.to(self.device)
        self.step = load_checkpoint(run.path, self.model)
        if not finite_weights(self.model.networks):  # of an older version, which did not look
            raise RunError(
                f"{run.path}: the weights are not finite; start a new run with --new and a lower rate"
            )
        average_gradients(self.model.optimizers.values())
        self.images = torch.from_numpy(self.dataset.train.images).to(self.device)
        self.labels = torch.from_numpy(self.dataset.train.labels).to(self.device)
        self.styles = torch.from_numpy(self.natural.styles).to(self.device)
        self.weights = _product(self.natural.weights, self.dataset.train.weights)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do: the last step is done, or a model has ended an epoch converged."""
        between_epochs = self.step % steps_per_epoch(self.plan, self.dataset) == 0
        return self.step >= self.task.steps or (between_epochs and getattr(self.model, "converged", False))

    def picture(self, device: torch.device) -> nn.Module:
        """Return a copy of the generator on a device, in evaluation mode; the model's own may be a live network."""
        with torch.no_grad():  # tensors that are computed from weights can then be copied
            return copy.deepcopy(self.model.picture(self.step)).to(device).eval()

    def train(self) -> None:
        """Trains to the last step, or returns at once when that is done."""
        if self.leads:
            self.run.tidy_up(self.step)
        if self.step == 0:
            self._save_samples_if_due()
        per_epoch = steps_per_epoch(self.plan, self.dataset)
        scorer = self.scorer(SCORED)
        # None leaves it to tqdm, which looks for a terminal.
        hidden = None if self.leads and sys.stderr is not None else True
        with tqdm(
            total=self.task.steps, initial=self.step, unit="step", disable=hidden, dynamic_ncols=True
        ) as progress:
            for epoch in range(self.step // per_epoch, self.plan.training.epochs):
                if self.finished:
                    break
                for first in range(self.step % per_epoch // GROUP * GROUP, per_epoch, GROUP):
                    self._train_group(epoch, first, min(GROUP, per_epoch - first), progress)
                    if self.step % per_epoch and self.leads:
                        save_checkpoint(self.run.path, self.model, self.step)
                if self.leads:
                    self._finish_epoch(epoch, scorer)

    def _train_group(self, epoch: int, first: int, steps: int, progress: "tqdm[None]") -> None:
        """Some steps of an epoch, and their line in the log."""
        logged: list[dict[str, Tensor]] = []
        started = time.perf_counter()
        try:
            for batch in self._batches(epoch, first, steps):
                random = generator_for(self.plan.training.seed, Purpose.STEP, self.step)
                logged.append(self.model.train_step(batch, self.step, random))
                self.step += 1
                progress.update()
                self._save_samples_if_due()
        except (RuntimeError, ValueError, ArithmeticError, IndexError) as error:
            self._check_finite(logged, cause=error)  # not every operation accepts numbers that are not finite
            raise
        values: dict[str, list[Tensor]] = {}
        for step in logged:
            for name, value in step.items():
                values.setdefault(name, []).append(value)
        means = averaged(torch.stack([torch.stack(each).mean() for each in values.values()]))
        self._check_finite(logged, means)
        statistics = {name: round(value, 6) for name, value in zip(values, means.tolist(), strict=True)}
        progress.set_postfix(_shown(statistics))
        speed = round(steps * self.plan.training.pictures_per_step / (time.perf_counter() - started))
        if self.leads:
            self._log(epoch, first + steps, steps, statistics, speed)

    def _check_finite(
        self,
        logged: Sequence[Mapping[str, Tensor]],
        means: Tensor | None = None,
        cause: Exception | None = None,
    ) -> None:
        """Raise `DivergenceError` if a value that the last steps logged, or a weight now, is not finite.

        Every checkpoint follows such a check, so that the last one is good. `means` are those of all processes.
        """
        position = first_not_finite(logged)
        good = position is None and (means is None or bool(means.isfinite().all()))
        if good and finite_weights(self.model.networks):
            return
        step = self.step if position is None else self.step - len(logged) + position + 1
        stage = getattr(self.model, "stage", lambda step: "")(step - 1)
        raise divergence(step, stage, self.plan.model) from cause

    def _log(self, epoch: int, done: int, steps: int, statistics: Mapping[str, float], speed: int) -> None:
        per_epoch = steps_per_epoch(self.plan, self.dataset)
        self.run.append_statistics(
            {
                "kind": "group",
                "step": self.step,
                "epoch": round(epoch + done / per_epoch, 4),
                "steps": steps,
                "images_per_second": speed,
                "statistics": statistics,
            }
        )

    def _finish_epoch(self, epoch: int, scorer: Scorer) -> None:
        """The epoch's line, its samples and curves; then the checkpoint, so that a kill in between repeats them."""
        groups = [
            line
            for line in self.run.statistics()
            if line["kind"] == "group" and epoch < line["epoch"] <= epoch + 1
        ]
        means = _means(groups)
        scores = scorer.score(self.picture(torch.device("cpu"))) | self.reconstruction(SCORED)
        self.run.append_statistics(
            {"kind": "epoch", "step": self.step, "epoch": epoch + 1, "statistics": means, "scores": scores}
        )
        self._save_pictures(epoch + 1)
        save_checkpoint(self.run.path, self.model, self.step)
        if sys.stderr is not None and not sys.stderr.isatty():  # None, as a shell's `2>&-` leaves it
            words = ", ".join(f"{name} {value:.3f}" for name, value in (means | scores).items())
            print(f"epoch {epoch + 1} of {self.plan.training.epochs}: {words}", file=sys.stderr, flush=True)

    def scorer(self, count: int) -> Scorer:
        """Scores generators of this data set on `count` pictures."""
        labelled = self.task.classes == self.dataset.classes
        return Scorer(self.dataset, self.natural, self.model.latent, count, labelled)

    def reconstruction(self, count: int) -> dict[str, float]:
        """How well a model that can redraw pictures redraws that many test pictures; nothing for other models."""
        reconstruct = getattr(self.model, "reconstruct", None)
        return (
            {}
            if reconstruct is None
            else reconstruction_scores(reconstruct, self.dataset.test, count, self.device)
        )

    def _save_samples_if_due(self) -> None:
        if self.leads and self.step in self.plan.training.steps_to_sample:
            self._save_samples(f"samples-step-{self.step:06d}.png")

    def _save_samples(self, name: str) -> None:
        """Rows of generated pictures beside rows of real ones, of each class; more rows where there are few classes."""
        classes = len(self.dataset.classes)
        rows = max(1, ROWS // classes)
        of_class = [np.flatnonzero(self.dataset.train.labels == label) for label in range(classes)]
        real = np.concatenate(
            [np.resize(places, rows * SAMPLES_PER_ROW) for places in of_class if len(places)]
        )
        save_samples(
            self.run.path / name,
            self._samples(real),
            self.dataset.train.images[real],
            len(real) // SAMPLES_PER_ROW,
        )

    def _save_pictures(self, epoch: int) -> None:
        self._save_samples(f"samples-{epoch:04d}.png")
        save_curves(self.run.path / "curves.png", list(self.run.statistics()))

    def _samples(self, like: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Generated pictures with the labels and styles of these training pictures, always from the same noise."""
        random = generator_for(self.plan.training.seed, Purpose.SAMPLES)
        noise = torch.randn(len(like), self.model.latent, generator=random).to(self.device)
        picture = self.picture(self.device)
        with torch.no_grad():
            made = picture(noise, self.labels[like], self.styles[like])
        images: NDArray[np.uint8] = made.cpu().numpy()
        return images

    def _batches(self, epoch: int, first: int, steps: int) -> Iterator[Batch]:
        """This process' rows of the steps `first ... first + steps - 1` of an epoch, whose order the seed decides."""
        size = self.plan.training.pictures_per_step
        random = generator_for(self.plan.training.seed, Purpose.ORDER, epoch)
        order = epoch_order(len(self.labels), self.weights, random).to(self.device)
        for number in range(first, first + steps):
            pick = own(order[number * size : (number + 1) * size])
            images = self.images[pick, None].float() / 255.0
            yield Batch(images, self.labels[pick], self.styles[pick])


def _shown(statistics: Mapping[str, float]) -> dict[str, str]:
    """Losses and accuracies for the terminal."""
    losses = {name: f"{value:.2f}" for name, value in statistics.items() if "loss" in name}
    return losses | {name: f"{value:.0%}" for name, value in statistics.items() if "accuracy" in name}


def _means(groups: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Each statistic over the steps that have it: what is logged may change in the course of a training."""
    sums: dict[str, float] = {}
    steps: dict[str, int] = {}
    for group in groups:
        for name, value in group["statistics"].items():
            sums[name] = sums.get(name, 0.0) + value * group["steps"]
            steps[name] = steps.get(name, 0) + group["steps"]
    return {name: round(total / steps[name], 6) for name, total in sums.items()}


def _product(
    left: NDArray[np.float32] | None, right: NDArray[np.float64] | None
) -> NDArray[np.floating] | None:
    """Weights that hold together; None is all alike."""
    if left is None or right is None:
        return right if left is None else left
    return left * right

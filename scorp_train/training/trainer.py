"""The training loop: trains a model in a run folder, and resumes from any checkpoint to the same result."""

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

from scorp_train.data.epoch_order import epoch_order
from scorp_train.distributed.collectives import average_gradients, averaged, process_rows
from scorp_train.distributed.process import this_process
from scorp_train.errors import RunError
from scorp_train.models.model_api import Batch
from scorp_train.models.registry import model_class

from .checkpoint import load_checkpoint, save_checkpoint
from .divergence import divergence, finite_weights, first_not_finite
from .options import Plan
from .randomness import Purpose, generator_for
from .resolution import device_for
from .run_folder import RunFolder
from .run_plots import save_curves, save_samples
from .scores import Scorer, reconstruction_scores
from .training_data import TrainingSet

GROUP = 100  # steps between log lines and checkpoints; each epoch also ends with both
ROWS, SAMPLES_PER_ROW = 10, 12
BATCH = 1_000  # images, where all are needed
SCORED = 1_000  # images: enough to see a trend within a second; an export scores ten times as many


class Trainer:
    """Trains the plan's model on a training set inside a run folder."""

    def __init__(self, plan: Plan, data: TrainingSet, run: RunFolder) -> None:
        self.plan, self.data, self.run = plan, data, run
        self.device = device_for(plan)
        self.leads = this_process().leads
        self.task = data.task(plan)
        self.per_epoch = data.steps_per_epoch(plan)
        # torch's layers draw their weights from its global generator, which is restored afterwards.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator_for(plan.training.seed, Purpose.WEIGHTS).initial_seed())
            self.model = model_class(plan.training.network)(self.task, plan.model)
        self.model.networks.to(self.device)
        self.step = load_checkpoint(run.path, self.model)
        if not finite_weights(self.model.networks):  # old versions did not check before saving
            raise RunError(
                f"{run.path}: the weights are not finite; start a new run with --new and a lower rate"
            )
        average_gradients(self.model.optimizers.values())
        self._images, self._labels, self._styles = (
            torch.from_numpy(array).to(self.device) for array in (data.images, data.labels, data.styles)
        )

    @property
    def finished(self) -> bool:
        """Whether the last step is done, or the model has converged at the end of an epoch."""
        between_epochs = self.step % self.per_epoch == 0
        return self.step >= self.task.steps or (between_epochs and getattr(self.model, "converged", False))

    def generator(self, device: torch.device) -> nn.Module:
        """Return a copy of the generator on a device, in evaluation mode; the model's own may be a live network."""
        with torch.no_grad():  # makes tensors that are computed from weights copyable
            return copy.deepcopy(self.model.export_module(self.step)).to(device).eval()

    def train(self) -> None:
        """Train to the last step; return at once if the training is finished."""
        if self.leads:
            self.run.tidy_up(self.step)
        if self.step == 0:
            self._save_samples_if_due()
        # None leaves the choice to tqdm, which shows progress on a terminal.
        hidden = None if self.leads and sys.stderr is not None else True
        with tqdm(
            total=self.task.steps, initial=self.step, unit="step", disable=hidden, dynamic_ncols=True
        ) as progress:
            self._train(self.scorer(SCORED), progress)

    def _train(self, scorer: Scorer, progress: "tqdm[None]") -> None:
        for epoch in range(self.step // self.per_epoch, self.plan.training.epochs):
            if self.finished:
                break
            for first in range(self.step % self.per_epoch // GROUP * GROUP, self.per_epoch, GROUP):
                self._train_group(epoch, first, min(GROUP, self.per_epoch - first), progress)
                if self.step % self.per_epoch and self.leads:
                    save_checkpoint(self.run.path, self.model, self.step)
            if self.leads:
                self._finish_epoch(epoch, scorer)

    def _train_group(self, epoch: int, first: int, steps: int, progress: "tqdm[None]") -> None:
        """Take some steps of an epoch and log their mean statistics."""
        logged: list[dict[str, Tensor]] = []
        started = time.perf_counter()
        try:
            for batch in self._batches(epoch, first, steps):
                logged.append(self._train_step(batch))
                self.step += 1
                progress.update()
                self._save_samples_if_due()
        except (RuntimeError, ValueError, ArithmeticError, IndexError) as error:
            self._check_finite(logged, cause=error)  # some operations refuse numbers that are not finite
            raise
        values: dict[str, list[Tensor]] = {}
        for step in logged:
            for name, value in step.items():
                values.setdefault(name, []).append(value)
        means = averaged(torch.stack([torch.stack(each).mean() for each in values.values()]))
        self._check_finite(logged, means)
        statistics = {name: round(value, 6) for name, value in zip(values, means.tolist(), strict=True)}
        progress.set_postfix({name: f"{value:.2f}" for name, value in statistics.items()})
        if self.leads:
            images = steps * self.plan.training.images_per_step
            self.run.append_statistics(
                {
                    "kind": "group",
                    "step": self.step,
                    "epoch": round(epoch + (first + steps) / self.per_epoch, 4),
                    "steps": steps,
                    "images_per_second": round(images / (time.perf_counter() - started)),
                    "statistics": statistics,
                }
            )

    def _train_step(self, batch: Batch) -> dict[str, Tensor]:
        random = generator_for(self.plan.training.seed, Purpose.STEP, self.step)
        if self.step == getattr(self.model, "prior_step", None):
            self.model.fit_prior(self.all_batches(), random)
        statistics = self.model.train_step(batch, self.step, random)
        if (after_step := getattr(self.model, "after_step", None)) is not None:
            means = averaged(torch.stack(list(statistics.values())))
            after_step(dict(zip(statistics, means, strict=True)))
        return statistics

    def _check_finite(
        self,
        logged: Sequence[Mapping[str, Tensor]],
        means: Tensor | None = None,
        cause: Exception | None = None,
    ) -> None:
        """Raise `DivergenceError` if a logged value or a weight is not finite; runs before each checkpoint.

        `means` are the mean values of all processes.
        """
        position = first_not_finite(logged)
        good = position is None and (means is None or bool(means.isfinite().all()))
        if good and finite_weights(self.model.networks):
            return
        step = self.step if position is None else self.step - len(logged) + position + 1
        stage = getattr(self.model, "stage", lambda step: "")(step - 1)
        raise divergence(step, stage, self.plan.model) from cause

    def _finish_epoch(self, epoch: int, scorer: Scorer) -> None:
        """Log the epoch and save samples and curves; then the checkpoint, so that a kill in between repeats them."""
        means = _means(
            [
                line
                for line in self.run.statistics()
                if line["kind"] == "group" and epoch < line["epoch"] <= epoch + 1
            ]
        )
        scores = scorer.score(self.generator(torch.device("cpu"))) | self.reconstruction(SCORED)
        self.run.append_statistics(
            {"kind": "epoch", "step": self.step, "epoch": epoch + 1, "statistics": means, "scores": scores}
        )
        self._save_samples(f"samples-{epoch + 1:04d}.png")
        save_curves(self.run.path / "curves.png", list(self.run.statistics()))
        save_checkpoint(self.run.path, self.model, self.step)
        if sys.stderr is not None and not sys.stderr.isatty():  # None if the shell has closed it
            words = ", ".join(f"{name} {value:.3f}" for name, value in (means | scores).items())
            print(f"epoch {epoch + 1} of {self.plan.training.epochs}: {words}", file=sys.stderr, flush=True)

    def scorer(self, count: int) -> Scorer:
        """Return a scorer of generators of this dataset on `count` images."""
        return Scorer(self.data, self.model.latent, count)

    def reconstruction(self, count: int) -> dict[str, float]:
        """Return scores of `count` reconstructed test images; empty for models that cannot reconstruct."""
        reconstruct = getattr(self.model, "reconstruct", None)
        if reconstruct is None:
            return {}
        return reconstruction_scores(reconstruct, self.data.dataset.test, count, self.device)

    def _save_samples_if_due(self) -> None:
        if self.leads and self.step in self.plan.training.steps_to_sample:
            self._save_samples(f"samples-step-{self.step:06d}.png")

    def _save_samples(self, name: str) -> None:
        """Save rows of generated images of each class beside real ones with the same styles."""
        classes = len(self.data.dataset.classes)
        rows = max(1, ROWS // classes)  # per class
        of_class = [np.flatnonzero(self.data.labels == label) for label in range(classes)]
        real = np.concatenate([np.resize(own, rows * SAMPLES_PER_ROW) for own in of_class if len(own)])
        generated = self._samples(real)
        save_samples(self.run.path / name, generated, self.data.images[real], len(real) // SAMPLES_PER_ROW)

    def _samples(self, like: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return generated images with the labels and styles of these training images, always from the same noise."""
        random = generator_for(self.plan.training.seed, Purpose.SAMPLES)
        noise = torch.randn(len(like), self.model.latent, generator=random).to(self.device)
        generator = self.generator(self.device)
        with torch.no_grad():
            images: NDArray[np.uint8] = generator(noise, self._labels[like], self._styles[like]).cpu().numpy()
        return images

    def _batches(self, epoch: int, first: int, steps: int) -> Iterator[Batch]:
        """Yield this process's rows of the steps from `first` of an epoch, in an order that the seed decides."""
        size = self.plan.training.images_per_step
        random = generator_for(self.plan.training.seed, Purpose.ORDER, epoch)
        order = epoch_order(len(self._labels), self.data.weights, random).to(self.device)
        for number in range(first, first + steps):
            rows = process_rows(order[number * size : (number + 1) * size])
            yield self._batch(rows)

    def all_batches(self) -> Iterator[Batch]:
        """Yield all training images in order."""
        for rows in torch.arange(len(self._labels), device=self.device).split(BATCH):
            yield self._batch(rows)

    def _batch(self, rows: Tensor) -> Batch:
        return Batch(self._images[rows, None].float() / 255.0, self._labels[rows], self._styles[rows])


def _means(groups: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the mean of each statistic over the steps that logged it; stages log different ones."""
    sums: dict[str, float] = {}
    steps: dict[str, int] = {}
    for group in groups:
        for name, value in group["statistics"].items():
            sums[name] = sums.get(name, 0.0) + value * group["steps"]
            steps[name] = steps.get(name, 0) + group["steps"]
    return {name: round(total / steps[name], 6) for name, total in sums.items()}

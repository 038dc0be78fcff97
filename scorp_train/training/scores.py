"""The scores that a training logs every epoch and an export stores; `scorp-eval` measures more."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scorp_train.data import Split
from scorp_train.judge import judge_for
from scorp_train.judge.lookalikes import lookalike_accuracy
from scorp_train.measures.frechet import frechet_distance
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.measures.similarity import mean_squared_error, ssim
from scorp_train.measures.specks import has_specks
from scorp_train.measures.style import STYLE_NAMES, measure_styles

from .randomness import Purpose, generator_for
from .training_data import TrainingSet

NEIGHBOURS = 5_000  # at most, on either side: the cost is quadratic
BLOCK = 500


class Scorer:
    """Scores generators on `count` images with labels and styles of training images, always from the same noise."""

    def __init__(self, data: TrainingSet, latent: int, count: int) -> None:
        dataset = data.dataset
        random = generator_for(0, Purpose.SAMPLES, 1)
        rows = torch.randint(len(dataset.train), (count,), generator=random).numpy()
        self._knobs = data.prior.knobs
        self._labels, self._styles, self._real = data.labels[rows], data.styles[rows], data.images[rows]
        self._noise = torch.randn(count, latent, generator=random)
        self._judge, self._conditional = judge_for(dataset.classes), data.classes == dataset.classes
        if self._judge is not None:
            self._read_as = np.array([self._judge.classes.index(name) for name in dataset.classes])
            # Shuffled, because the first half of MNIST's test digits is easier.
            order = torch.randperm(len(dataset.test), generator=random).numpy()
            self._test_features = self._judge.read(dataset.test.images[order]).features

    def score(self, generator: nn.Module) -> dict[str, float]:
        """Return errors of the knobs, the share with specks and, if there is a judge, its scores.

        `generator` takes noise, label, style and returns images uint8 (N, H, W).
        """
        inputs = (self._noise, torch.from_numpy(self._labels), torch.from_numpy(self._styles))
        with torch.no_grad():
            blocks = [
                generator(*block) for block in zip(*(part.split(BLOCK) for part in inputs), strict=True)
            ]
        images = torch.cat(blocks).numpy()
        return _rounded(self._style_errors(images) | self._quality(images))

    def score_real(self) -> dict[str, float]:
        """Return the same scores, without the knobs, of the real images with these labels and styles."""
        return _rounded(self._quality(self._real))

    def _quality(self, images: NDArray[np.uint8]) -> dict[str, float]:
        scores = {"specks": float(has_specks(images).mean())}
        if self._judge is None:
            return scores
        reading = self._judge.read(images)
        # Equally many on both sides: coverage depends on the ratio.
        count = min(NEIGHBOURS, len(reading.features), len(self._test_features))
        neighbours = manifold_scores(self._test_features[:count], reading.features[:count])
        if self._conditional:
            labels = self._read_as[self._labels]
            scores["label_accuracy"] = float((reading.labels == labels).mean())
            scores |= lookalike_accuracy(reading.labels, labels, self._judge.classes)
        return scores | {
            "frechet_distance": frechet_distance(reading.features, self._test_features),
            "precision": neighbours.precision,
            "recall": neighbours.recall,
            "coverage": neighbours.coverage,
        }

    def _style_errors(self, images: NDArray[np.uint8]) -> dict[str, float]:
        measured = np.nan_to_num(measure_styles(images))  # a blank image has styles of 0
        errors = {}
        for column, knob in enumerate(self._knobs):
            if knob.name not in STYLE_NAMES:
                continue  # a knob of the model that is not measured
            difference = measured[:, STYLE_NAMES.index(knob.name)] - self._styles[:, column]
            errors[f"{knob.name}_error"] = float(np.abs(difference).mean())
        return errors


def reconstruction_scores(
    reconstruct: Callable[[Tensor, Tensor], Tensor], test: Split, count: int, device: torch.device
) -> dict[str, float]:
    """Return similarity and error of reconstructions of `count` test images, each compared with its original.

    `reconstruct` takes images float32 (N, 1, H, W) in 0 ... 1 and labels (N,), and returns such images.
    """
    # Shuffled, because the first half of MNIST's test digits is easier.
    order = torch.randperm(len(test), generator=generator_for(0, Purpose.SAMPLES, 2)).numpy()[:count]
    originals = test.images[order]
    with torch.no_grad():
        images = torch.from_numpy(originals).to(device)[:, None].float() / 255.0
        redrawn = reconstruct(images, torch.from_numpy(test.labels[order]).to(device))
    levels = (redrawn[:, 0] * 255.0).round().to(torch.uint8).cpu().numpy()
    return _rounded(
        {
            "paired_ssim": float(ssim(levels, originals).mean()),
            "paired_mse": float(mean_squared_error(levels, originals).mean()),
        }
    )


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items()}

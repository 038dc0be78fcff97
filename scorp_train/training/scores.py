"""The few scores that a training logs every epoch and an export carries; `scorp-eval` measures the rest."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scorp_train.data import Dataset, Split
from scorp_train.judge import judge_for
from scorp_train.judge.alphabets import alphabet_accuracies
from scorp_train.measures.frechet import frechet_distance
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.measures.similarity import mean_squared_error, ssim
from scorp_train.measures.specks import has_specks
from scorp_train.measures.style import STYLE_NAMES, measure_styles

from .randomness import Purpose, generator_for
from .style_prior import NaturalStyles

# Quadratic in memory traffic, so the neighbours are looked for among this many on either side.
NEIGHBOURS = 5_000
BLOCK = 500


class Scorer:
    """Scores generators of one data set, always on pictures of the same labels, styles and noise."""

    def __init__(
        self, dataset: Dataset, styles: NaturalStyles, latent: int, count: int, labelled: bool = True
    ) -> None:
        """`count` pictures are drawn for every score, with the labels and styles of real training pictures.

        Of models that are not `labelled`, the labels are not scored.
        """
        random = generator_for(0, Purpose.SAMPLES, 1)
        places = torch.randint(len(dataset.train), (count,), generator=random).numpy()
        self._knobs = styles.knobs
        self._labels, self._styles = dataset.train.labels[places], styles.styles[places]
        self._like = dataset.train.images[places]
        self._noise = torch.randn(count, latent, generator=random)
        self._judge, self._labelled = judge_for(dataset.classes), labelled
        if self._judge is not None:
            self._read_as = np.array([self._judge.classes.index(name) for name in dataset.classes])
            # Shuffled, as the first half of MNIST's test digits is the easier one.
            order = torch.randperm(len(dataset.test), generator=random).numpy()
            self._real = self._judge.read(dataset.test.images[order]).features

    def score(self, picture: nn.Module) -> dict[str, float]:
        """Errors of the knobs, share with specks and, where there is a judge, how the pictures read.

        `picture` takes noise, label, style and returns uint8 (N, H, W).
        """
        images = self._draw(picture)
        return _rounded(self._style_errors(images) | self._likeness(images))

    def score_real(self) -> dict[str, float]:
        """The same for the real training pictures whose labels and styles are asked for: what can be reached."""
        return _rounded(self._likeness(self._like))

    def _likeness(self, images: NDArray[np.uint8]) -> dict[str, float]:
        scores = {"specks": float(has_specks(images).mean())}
        if self._judge is None:
            return scores
        reading = self._judge.read(images)
        # Equal numbers on both sides: coverage falls with the share of pictures to real digits.
        number = min(NEIGHBOURS, len(reading.features), len(self._real))
        neighbours = manifold_scores(self._real[:number], reading.features[:number])
        if self._labelled:
            labels = self._read_as[self._labels]
            scores["label_accuracy"] = float((reading.labels == labels).mean())
            scores |= alphabet_accuracies(reading, labels, self._judge.classes)
        return scores | {
            "frechet_distance": frechet_distance(reading.features, self._real),
            "precision": neighbours.precision,
            "recall": neighbours.recall,
            "coverage": neighbours.coverage,
        }

    def _draw(self, picture: nn.Module) -> NDArray[np.uint8]:
        label, style = torch.from_numpy(self._labels), torch.from_numpy(self._styles)
        with torch.no_grad():
            blocks = [
                picture(self._noise[i : i + BLOCK], label[i : i + BLOCK], style[i : i + BLOCK]).numpy()
                for i in range(0, len(label), BLOCK)
            ]
        return np.concatenate(blocks)

    def _style_errors(self, images: NDArray[np.uint8]) -> dict[str, float]:
        measured = np.nan_to_num(measure_styles(images))  # a blank picture has styles of 0
        errors = {}
        for column, knob in enumerate(self._knobs):
            difference = measured[:, STYLE_NAMES.index(knob.name)] - self._styles[:, column]
            errors[f"{knob.name}_error"] = float(np.abs(difference).mean())
        return errors


def reconstruction_scores(
    reconstruct: Callable[[Tensor, Tensor], Tensor], test: Split, count: int, device: torch.device
) -> dict[str, float]:
    """Likeness and error of reconstructions of `count` test pictures, each paired with its original.

    `reconstruct` takes pictures float32 (N, 1, H, W) in 0 ... 1 and labels (N,) and returns such pictures.
    """
    # In an order of its own, as the first half of MNIST's test digits is the easier one.
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

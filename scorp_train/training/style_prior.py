"""The knobs of a data set: measured styles of its pictures, their ranges, and how they go together in each class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from scorp_runtime.errors import ScorpError
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior
from scorp_train.data import DataError, Dataset
from scorp_train.measures.style import STYLE_NAMES, measure_styles

UNITS = {"thickness": "px", "slant": "degrees", "width": "px"}
# Fine enough that rounding is far below the measuring error.
STEPS = {"thickness": 1 / 64, "slant": 1 / 8, "width": 1 / 32}
# Ranges end where a thousandth of the pictures lies outside.
TAIL = 0.001
# Pictures with a knob among the outermost twentieth of their class are shown so many times as often as others: a
# generator is asked for every style, and people write few of the extreme ones.
RARE = 0.025
RARE_WEIGHT = 3.0


@dataclass(frozen=True, eq=False)
class NaturalStyles:
    """The knobs, the training pictures' `styles` float32 (N, S) in units, and each class' natural distribution.

    `weights` float32 (N,) say how often a training should see each picture, in proportion; None is all alike.
    """

    knobs: tuple[Knob, ...]
    styles: NDArray[np.float32]
    natural: dict[str, ClassPrior]
    weights: NDArray[np.float32] | None = None

    @property
    def centre(self) -> tuple[float, ...]:
        """Mean of each knob over all pictures, on the knob's grid."""
        means = self.styles.mean(0)
        return tuple(
            float(round(mean / knob.step) * knob.step) for mean, knob in zip(means, self.knobs, strict=True)
        )

    @property
    def spread(self) -> tuple[float, ...]:
        """Standard deviation of each knob over all pictures."""
        return tuple(float(value) for value in self.styles.std(0))


def natural_styles(dataset: Dataset) -> NaturalStyles:
    """Measures the training pictures of a data set and summarises their styles. Raises `ScorpError` on a blank one."""
    measured = measure_styles(dataset.train.images)[:, [STYLE_NAMES.index(name) for name in UNITS]]
    blank = np.flatnonzero(~np.isfinite(measured).all(1))
    if blank.size:
        raise ScorpError(f"{dataset.name}: training picture {blank[0]} is blank and has no style")
    knobs = tuple(_knob(name, column, STEPS[name]) for name, column in zip(UNITS, measured.T, strict=True))
    natural = {
        name: _natural(measured[dataset.train.labels == label]) for label, name in enumerate(dataset.classes)
    }
    return NaturalStyles(knobs, measured, natural, _weights(measured, dataset.train.labels))


def no_styles(dataset: Dataset, classes: tuple[str, ...]) -> NaturalStyles:
    """For a model without knobs: nothing is measured, and `classes` have no natural styles."""
    return NaturalStyles(
        (), np.empty((len(dataset.train), 0), np.float32), dict.fromkeys(classes, ClassPrior((), ()))
    )


def _knob(name: str, values: NDArray[np.float32], step: float) -> Knob:
    if values.min() == values.max():
        raise DataError(f"all training pictures have the same {name}: nothing can be learned of it")
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    return Knob(
        name, UNITS[name], float(np.floor(low / step) * step), float(np.ceil(high / step) * step), step
    )


def _natural(styles: NDArray[np.float32]) -> ClassPrior:
    """A Gaussian copula: correlation of the normal scores, and the values at the scores of the model format."""
    scores = norm.ppf(rankdata(styles, axis=0) / (len(styles) + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        # A knob that is the same in all pictures of the class goes with no other.
        correlation = np.round(np.nan_to_num(np.corrcoef(scores, rowvar=False)), 4)
    np.fill_diagonal(correlation, 1.0)
    quantiles = np.round(np.quantile(styles, norm.cdf(SCORES), axis=0).T, 3)
    return ClassPrior(tuple(map(tuple, correlation.tolist())), tuple(map(tuple, quantiles.tolist())))


def _weights(styles: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = np.ones(len(styles), np.float32)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        low, high = np.quantile(styles[own], [RARE, 1 - RARE], axis=0)
        weights[own[((styles[own] < low) | (styles[own] > high)).any(1)]] = RARE_WEIGHT
    return weights

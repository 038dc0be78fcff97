"""The knobs of a dataset: measured styles of its images, ranges, and the joint distribution within each class."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from scorp_runtime.errors import ScorpError
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior
from scorp_train.data import DataError, Dataset
from scorp_train.measures.style import STYLE_NAMES, measure_styles
from scorp_train.models.model_api import OwnKnob

# Each measured knob's unit and grid; the grid is far finer than the measuring error.
UNITS = {"thickness": "px", "slant": "degrees", "width": "px"}
STEPS = {"thickness": 1 / 64, "slant": 1 / 8, "width": 1 / 32}
# Attributes of a dataset become knobs as well. Those that are known have lengths in heights of a capital.
ATTRIBUTE_UNITS = {"extent": "capitals", "rise": "capitals"}
ATTRIBUTE_STEP = 1 / 64
TAIL = 0.001  # share of the images beyond each end of a knob's range
# People write few extreme styles, but users can request any. So images with a knob in this share at either end of
# their class are trained on more often, in proportion to this weight.
RARE = 0.025
RARE_WEIGHT = 3.0


@dataclass(frozen=True, eq=False)
class StylePrior:
    """The knobs, the training images' `styles` float32 (N, S) in units, and the style distribution of each class.

    `weights` float32 (N,) say how often training should use each image, in proportion; None if all alike.
    """

    knobs: tuple[Knob, ...]
    styles: NDArray[np.float32]
    natural: dict[str, ClassPrior]
    weights: NDArray[np.float32] | None = None

    @property
    def centre(self) -> tuple[float, ...]:
        """The mean of each knob over all images, rounded to the knob's grid."""
        means = zip(self.styles.mean(0), self.knobs, strict=True)
        return tuple(float(round(mean / knob.step) * knob.step) for mean, knob in means)

    @property
    def spread(self) -> tuple[float, ...]:
        """The standard deviation of each knob over all images."""
        return tuple(float(value) for value in self.styles.std(0))

    def with_own_knobs(self, own: Sequence[OwnKnob]) -> "StylePrior":
        """Append knobs that are not measured: all images have their values."""
        if not own:
            return self
        count = len(self.knobs)
        columns = np.broadcast_to(
            np.array([each.value for each in own], np.float32), (len(self.styles), len(own))
        )
        alone = np.eye(count + len(own)).tolist()
        constant = tuple((each.value,) * len(SCORES) for each in own)
        return replace(
            self,
            knobs=(*self.knobs, *(each.knob for each in own)),
            styles=np.hstack([self.styles, columns]),
            natural={
                name: ClassPrior(
                    (
                        *((*row, *(0.0,) * len(own)) for row in prior.correlation),
                        *(tuple(row) for row in alone[count:]),
                    ),
                    (*prior.quantiles, *constant),
                )
                for name, prior in self.natural.items()
            },
        )


def measured_prior(dataset: Dataset) -> StylePrior:
    """Measure the styles of a dataset's training images, to which it may add attributes.

    Raises `ScorpError` for a blank image.
    """
    styles = measure_styles(dataset.train.images)[:, [STYLE_NAMES.index(name) for name in UNITS]]
    blank = np.flatnonzero(~np.isfinite(styles).all(1))
    if blank.size:
        raise ScorpError(f"{dataset.name}: training image {blank[0]} is blank and has no style")
    attributes, labels = dataset.train.attributes, dataset.train.labels
    styles = np.column_stack([styles, *attributes.values()])
    return StylePrior(
        knobs=tuple(
            _knob(name, column) for name, column in zip((*UNITS, *attributes), styles.T, strict=True)
        ),
        styles=styles,
        natural={name: _natural(styles[labels == label]) for label, name in enumerate(dataset.classes)},
        weights=_weights(styles, labels),
    )


def no_prior(dataset: Dataset, classes: tuple[str, ...]) -> StylePrior:
    """Return the prior of a model without knobs: nothing is measured."""
    return StylePrior(
        (), np.empty((len(dataset.train), 0), np.float32), dict.fromkeys(classes, ClassPrior((), ()))
    )


def _knob(name: str, values: NDArray[np.float32]) -> Knob:
    if values.min() == values.max():
        raise DataError(f"all training images have the same {name}, so the model cannot learn to vary it")
    step, unit = STEPS.get(name, ATTRIBUTE_STEP), (UNITS | ATTRIBUTE_UNITS).get(name, "")
    low, high = np.quantile(values, [TAIL, 1 - TAIL]) / step
    return Knob(name, unit, float(np.floor(low) * step), float(np.ceil(high) * step), step)


def _natural(styles: NDArray[np.float32]) -> ClassPrior:
    """Return a Gaussian copula: correlation of the normal scores, and the values at the scores of the model format."""
    scores = norm.ppf(rankdata(styles, axis=0) / (len(styles) + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        # A knob that is constant within the class correlates with no other.
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

"""What a report is made of: figures beside their real-against-real baseline, and checks that pass or fail."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import fmean

import numpy as np
from numpy.typing import NDArray


class Better(Enum):
    """Which way a figure improves."""

    HIGHER = "higher"
    LOWER = "lower"
    LIKE_REAL = "like real"


class Verdict(Enum):
    """A figure against its baseline."""

    AS_REAL = "as real"
    SHORT = "short of real"
    NO_BASELINE = "no baseline"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Measure:
    """What a figure means.

    `noise` is the least difference from the baseline that counts, in the figure's unit. In `scaled` it is taken as
    that of 10,000 pictures, and falls with their number to the power `falls`.
    """

    name: str
    title: str
    better: Better
    meaning: str
    unit: str = ""
    noise: float = 0.0
    falls: float = 0.5


@dataclass(frozen=True)
class Figure:
    """A measured value; `real` is the mean of the same measure on real samples, `spread` three times their noise."""

    measure: Measure
    value: float | None
    real: float | None = None
    spread: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the value is as good as real handwriting, within the noise of real samples."""
        if self.value is None or math.isnan(self.value):
            return Verdict.NOT_MEASURED
        if self.real is None:
            return Verdict.NO_BASELINE
        gap = self.value - self.real
        short = {Better.HIGHER: -gap, Better.LOWER: gap, Better.LIKE_REAL: abs(gap)}[self.measure.better]
        return Verdict.AS_REAL if short <= (self.spread or 0.0) + 1e-12 else Verdict.SHORT


@dataclass(frozen=True)
class Check:
    """A diagnostic: it passes or it does not; `detail` is one line."""

    name: str
    title: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Section:
    """One chapter of the report.

    `details` go into the JSON and feed the plots; `pictures` are digits to show, uint8 (rows, columns, 28, 28).
    """

    name: str
    title: str
    figures: tuple[Figure, ...] = ()
    checks: tuple[Check, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def compare(
    measures: Sequence[Measure],
    values: Mapping[str, float],
    real: Sequence[Mapping[str, float]] = (),
    *,
    errors: Mapping[str, float] | None = None,
) -> tuple[Figure, ...]:
    """Put each value beside the mean of the same figure over real samples.

    The spread is three standard deviations: of the real samples among themselves, or as given in `errors` where it
    is known how far value and baseline differ by chance; at least the measure's own noise.
    """
    figures = []
    for measure in measures:
        value = values.get(measure.name)
        baseline = [sample[measure.name] for sample in real if measure.name in sample]
        if not baseline:
            figures.append(Figure(measure, value))
            continue
        mean = fmean(baseline)
        deviation = math.sqrt(sum((x - mean) ** 2 for x in baseline) / max(len(baseline) - 1, 1))
        error = max(deviation, (errors or {}).get(measure.name, 0.0))
        figures.append(Figure(measure, value, mean, max(3 * error, measure.noise)))
    return tuple(figures)


def share_error(share: float, count: int, other: float, other_count: int) -> float:
    """Standard error of the difference between two shares, of `count` and of `other_count` pictures."""
    # One picture more or less keeps the error of a share of 0 or 1 above zero.
    variance = max(share * (1 - share), 1 / count) / count
    return math.sqrt(variance + max(other * (1 - other), 1 / other_count) / other_count)


def scaled(measures: Sequence[Measure], count: int) -> tuple[Measure, ...]:
    """The measures with their noise, stated for 10,000 pictures, as it is for `count`."""
    ratio = 10_000 / max(count, 1)
    return tuple(replace(measure, noise=measure.noise * ratio**measure.falls) for measure in measures)

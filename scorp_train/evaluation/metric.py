"""What a report is made of: metrics with their value for real images, and checks that pass or fail."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from importlib.resources import files
from statistics import fmean

import numpy as np
from numpy.typing import NDArray


class Better(Enum):
    """Which values of a metric are better."""

    HIGHER = "higher"
    LOWER = "lower"
    LIKE_REAL = "like real"


class Verdict(Enum):
    """The result of comparing a metric with its value for real images."""

    AS_REAL = "as real"
    SHORT = "short of real"
    NO_BASELINE = "no baseline"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class MetricInfo:
    """What a metric means.

    `noise` is the least difference from real images that counts, in the metric's unit. `scaled` takes it as that of
    10,000 images, falling with their number to the power `falls`.
    """

    name: str
    title: str
    better: Better
    meaning: str
    unit: str = ""
    noise: float = 0.0
    falls: float = 0.5

    def named(self, name: str, **values: object) -> "MetricInfo":
        """Return the metric with another name, and with values filled into its texts."""
        texts = {field: getattr(self, field).format(**values) for field in ("title", "meaning", "unit")}
        return replace(self, name=name, **texts)


@cache
def metric_infos(section: str) -> tuple[MetricInfo, ...]:
    """Return the metrics of a section of `metrics.toml`, in order."""
    sections = tomllib.loads((files("scorp_train.evaluation") / "metrics.toml").read_text("utf-8"))
    return tuple(
        MetricInfo(name, **{**fields, "better": Better(fields["better"])})
        for name, fields in sections[section].items()
    )


@dataclass(frozen=True)
class Metric:
    """A measured value; `real` is its mean on samples of real images, `spread` three times their noise."""

    info: MetricInfo
    value: float | None
    real: float | None = None
    spread: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the value is as good as for real images, within the noise of real samples."""
        if self.value is None or math.isnan(self.value):
            return Verdict.NOT_MEASURED
        if self.real is None:
            return Verdict.NO_BASELINE
        gap = self.value - self.real
        short = {Better.HIGHER: -gap, Better.LOWER: gap, Better.LIKE_REAL: abs(gap)}[self.info.better]
        return Verdict.AS_REAL if short <= (self.spread or 0.0) + 1e-12 else Verdict.SHORT


@dataclass(frozen=True)
class Check:
    """A diagnostic that passes or fails; `detail` is one line."""

    name: str
    title: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Section:
    """One section of the report.

    `details` go into the JSON and the plots; `images` are sheets to show, uint8 (rows, columns, 28, 28), by name.
    """

    name: str
    title: str
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    images: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def compare(
    infos: Sequence[MetricInfo],
    values: Mapping[str, float],
    real: Sequence[Mapping[str, float]] = (),
    *,
    errors: Mapping[str, float] | None = None,
) -> tuple[Metric, ...]:
    """Return each value with the mean of the same metric over real samples.

    The spread is three standard deviations, and at least the metric's own noise.

    Args:
        infos: the metrics.
        values: what was measured, by name.
        real: the same for each sample of real images.
        errors: standard deviation of the difference from the mean, where it is known to be more than that of `real`.
    """
    metrics = []
    for info in infos:
        value = values.get(info.name)
        baseline = [sample[info.name] for sample in real if info.name in sample]
        if not baseline:
            metrics.append(Metric(info, value))
            continue
        mean = fmean(baseline)
        deviation = math.sqrt(sum((x - mean) ** 2 for x in baseline) / max(len(baseline) - 1, 1))
        error = max(deviation, (errors or {}).get(info.name, 0.0))
        metrics.append(Metric(info, value, mean, max(3 * error, info.noise)))
    return tuple(metrics)


def share_error(share: float, count: int, other: float, other_count: int) -> float:
    """Return the standard error of the difference of two shares, of `count` and of `other_count` images."""
    # The error of a share of 0 or 1 is that of a share one image away.
    variance = max(share * (1 - share), 1 / count) / count
    return math.sqrt(variance + max(other * (1 - other), 1 / other_count) / other_count)


def scaled(infos: Sequence[MetricInfo], count: int) -> tuple[MetricInfo, ...]:
    """Return the metrics with the noise, stated for 10,000 images, that `count` images have."""
    ratio = 10_000 / max(count, 1)
    return tuple(replace(info, noise=info.noise * ratio**info.falls) for info in infos)

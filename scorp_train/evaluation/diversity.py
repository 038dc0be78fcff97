"""Diversity: are the pictures as varied as people's?"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scorp_train.measures.histogram import chi_square_p, class_counts, entropy
from scorp_train.measures.neighbours import nearest
from scorp_train.measures.similarity import intra_class_ssim
from scorp_train.measures.style import STYLE_NAMES

from .measured_images import Collection
from .metric import Better, Measure, Section, compare, scaled
from .real_images import Real
from .sample_sizes import Plan

_STYLE_NOISE = {"thickness": 0.025, "slant": 0.3, "width": 0.06, "height": 0.035}
UNITS = {"thickness": "px", "slant": "degrees", "width": "px", "height": "px"}
_CLOSE = 0.01  # the share of real digits that lie as near to a sibling as a "birthday" does

# The noise is about 3.5 standard deviations among samples of 10,000 training digits of MNIST.
MEASURES = (
    Measure(
        "recall",
        "Recall",
        Better.HIGHER,
        "Share of real digits inside the manifold of the pictures, k = 5.",
        noise=0.015,
    ),
    Measure(
        "coverage",
        "Coverage",
        Better.HIGHER,
        "Share of real digits that have a picture in their own neighbourhood, k = 5.",
        noise=0.014,
    ),
    Measure(
        "class_balance_p",
        "Class balance, p",
        Better.HIGHER,
        "Chi-square probability of the classes read, against an even split or the data's own, whichever fits better. "
        "Below 0.001 the balance is broken.",
        noise=0.999,
        falls=0,
    ),
    Measure("class_entropy", "Class entropy", Better.HIGHER, "Of the classes read.", "bits", noise=0.005),
    Measure(
        "intra_class_ssim",
        "SSIM within a class",
        Better.LOWER,
        "Of random pairs of one class. Above real: the pictures repeat themselves.",
        noise=0.012,
    ),
    *(
        Measure(
            f"{name}_distance",
            f"{name.capitalize()} distance",
            Better.LOWER,
            f"Wasserstein-1 distance between the distributions of {name}.",
            UNITS[name],
            noise=_STYLE_NOISE[name],
        )
        for name in STYLE_NAMES
    ),
    Measure(
        "close_siblings",
        "Close siblings",
        Better.LOWER,
        "Share of pictures nearer to another picture of the sample than 99 % of real digits are to theirs "
        "(the birthday test). Above real: the pictures are few and repeated.",
        noise=0.008,
    ),
)


def measure_diversity(
    sample: Collection, real: Real, plan: Plan, seed: int, closeness: float
) -> dict[str, float]:
    """The figures of one sample; `closeness` is the distance that `sibling_closeness` found among real digits."""
    classes = len(real.dataset.classes)
    counts = class_counts(sample.reading.labels, classes)
    values = {
        "class_balance_p": _balance(counts, class_counts(real.test.labels, classes)),
        "class_entropy": entropy(counts),
        "intra_class_ssim": intra_class_ssim(sample.images, sample.labels, plan.pairs, seed),
        "close_siblings": float((_sibling_distances(sample, plan, seed) < closeness).mean()),
    }
    for column, name in enumerate(STYLE_NAMES):
        mine, theirs = _measured(sample, column), _measured(real.test, column)
        values[f"{name}_distance"] = (
            float(stats.wasserstein_distance(mine, theirs)) if len(mine) else float("nan")
        )
    return values


def sibling_closeness(sample: Collection, plan: Plan, seed: int) -> float:
    """The distance to the nearest sibling that 99 % of a real sample exceed."""
    return float(np.quantile(_sibling_distances(sample, plan, seed), _CLOSE))


def diversity_section(
    values: dict[str, float], real_values: list[dict[str, float]], sample: Collection, real: Real
) -> Section:
    """The chapter, with histograms for the pictures."""
    classes = len(real.dataset.classes)
    details: dict[str, object] = {
        "classes": list(real.dataset.classes),
        "labelled": class_counts(sample.labels, classes).tolist(),
        "read": class_counts(sample.reading.labels, classes).tolist(),
        "test": class_counts(real.test.labels, classes).tolist(),
        "styles": {name: _style_summary(sample, real, column) for column, name in enumerate(STYLE_NAMES)},
    }
    figures = compare(scaled(MEASURES, len(sample)), values, real_values)
    return Section("diversity", "Diversity", figures, details=details)


def _balance(counts: NDArray[np.int64], test: NDArray[np.int64]) -> float:
    even = chi_square_p(counts, (test > 0).astype(float))
    return max(even, chi_square_p(counts, test.astype(float)))


def _sibling_distances(sample: Collection, plan: Plan, seed: int) -> NDArray[np.float64]:
    some = sample.some(plan.neighbours, seed)
    flat = some.images.reshape(len(some), -1)
    return nearest(flat, flat, skip_self=True)[0]


def _measured(sample: Collection, column: int) -> NDArray[np.float32]:
    values = sample.styles[:, column]
    return values[~np.isnan(values)]


def _style_summary(sample: Collection, real: Real, column: int) -> dict[str, list[float] | float]:
    mine, theirs = _measured(sample, column), _measured(real.test, column)
    low, high = np.quantile(theirs, [0.001, 0.999])
    edges = np.linspace(low, high, 41)
    return {
        "edges": edges.tolist(),
        "sample": (np.histogram(np.clip(mine, low, high), edges)[0] / max(len(mine), 1)).tolist(),
        "test": (np.histogram(np.clip(theirs, low, high), edges)[0] / len(theirs)).tolist(),
        "sample_mean": float(mine.mean()) if len(mine) else float("nan"),
        "test_mean": float(theirs.mean()),
    }

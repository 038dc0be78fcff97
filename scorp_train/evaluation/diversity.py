"""Diversity: whether the images vary as much as real ones."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scorp_train.measures.neighbours import nearest
from scorp_train.measures.similarity import intra_class_ssim
from scorp_train.measures.style import STYLE_NAMES

from .measured_images import MeasuredImages, RealImages
from .metric import Section, compare, metric_infos, scaled
from .sample_sizes import SampleSizes

_CLOSE = 0.01  # share of real images whose nearest sibling counts as close


def measure_diversity(
    sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int, closeness: float
) -> dict[str, float]:
    """Return the metrics of one sample; `closeness` is what `sibling_closeness` returns for real images."""
    counts, test_counts = (_counts(labels, real) for labels in (sample.reading.labels, real.test.labels))
    values = {
        "class_balance_p": max(
            chi_square_p(counts, shares.astype(float)) for shares in (test_counts > 0, test_counts)
        ),
        "class_entropy": float(stats.entropy(counts, base=2)),
        "intra_class_ssim": intra_class_ssim(sample.images, sample.labels, sizes.pairs, seed),
        "close_siblings": float((_sibling_distances(sample, sizes, seed) < closeness).mean()),
    }
    for column, name in enumerate(STYLE_NAMES):
        own, test = _measured(sample, column), _measured(real.test, column)
        distance = stats.wasserstein_distance(own, test) if len(own) else np.nan
        values[f"{name}_distance"] = float(distance)
    return values


def sibling_closeness(sample: MeasuredImages, sizes: SampleSizes, seed: int) -> float:
    """Return the distance to the nearest sibling that 99 % of a real sample exceed."""
    return float(np.quantile(_sibling_distances(sample, sizes, seed), _CLOSE))


def diversity_section(
    values: dict[str, float], real_values: list[dict[str, float]], sample: MeasuredImages, real: RealImages
) -> Section:
    """Return the section, with histograms for the plots."""
    details: dict[str, object] = {
        "classes": list(real.dataset.classes),
        "labelled": _counts(sample.labels, real).tolist(),
        "read": _counts(sample.reading.labels, real).tolist(),
        "test": _counts(real.test.labels, real).tolist(),
        "styles": {name: _style_summary(sample, real, column) for column, name in enumerate(STYLE_NAMES)},
    }
    metrics = compare(scaled(metric_infos("diversity"), len(sample)), values, real_values)
    return Section("diversity", "Diversity", metrics, details=details)


def _counts(labels: NDArray[np.int64], real: RealImages) -> NDArray[np.int64]:
    """Return how often each class of the dataset occurs, int64 (K,)."""
    return np.bincount(labels, minlength=len(real.dataset.classes))


def chi_square_p(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    """Return the p-value of Pearson's test of counts (K,) against shares (K,); 0 if a class of share 0 occurs."""
    possible = shares > 0
    if counts[~possible].any():
        return 0.0
    expected = shares[possible] / shares.sum() * counts.sum()
    return float(stats.chisquare(counts[possible], expected).pvalue) if len(expected) > 1 else 1.0


def _sibling_distances(sample: MeasuredImages, sizes: SampleSizes, seed: int) -> NDArray[np.float64]:
    images = sample.sample(sizes.neighbours, seed).images
    flat = images.reshape(len(images), -1)
    return nearest(flat, flat, skip_self=True)[0]


def _measured(sample: MeasuredImages, column: int) -> NDArray[np.float32]:
    values = sample.styles[:, column]
    return values[~np.isnan(values)]


def _style_summary(sample: MeasuredImages, real: RealImages, column: int) -> dict[str, list[float] | float]:
    own, test = _measured(sample, column), _measured(real.test, column)
    low, high = np.quantile(test, [0.001, 0.999])
    edges = np.linspace(low, high, 41)
    return {
        "edges": edges.tolist(),
        "sample": (np.histogram(np.clip(own, low, high), edges)[0] / max(len(own), 1)).tolist(),
        "test": (np.histogram(np.clip(test, low, high), edges)[0] / len(test)).tolist(),
        "sample_mean": float(own.mean()) if len(own) else float("nan"),
        "test_mean": float(test.mean()),
    }

"""Realism: can a classifier tell the pictures from real ones?"""

import math

import numpy as np
from scipy import stats

from scorp_train.measures.neighbours import nearest

from .classifier import fit, predict
from .measured_images import Collection
from .metric import Better, Measure, Section, compare
from .real_images import Real
from .sample_sizes import Plan

MEASURES = (
    Measure(
        "two_sample_auc",
        "Told apart by a CNN",
        Better.LOWER,
        "Area under the ROC curve of a small CNN trained on the pixels to tell pictures from test digits; "
        "0.5 is a coin. It sees what no eye does, such as the grey of an edge.",
        noise=0.02,
    ),
    Measure(
        "two_sample_neighbour",
        "Told apart by the neighbour",
        Better.LIKE_REAL,
        "Accuracy of the nearest neighbour in the judge's features (Lopez-Paz and Oquab 2017). "
        "0.5 is indistinguishable; below 0.5 the pictures are repeated or copied.",
        noise=0.03,
    ),
)


def realism_section(sample: Collection, real: Real, plan: Plan, seed: int) -> Section:
    """Classifier two-sample tests, beside real training digits against the same test digits."""
    baseline = _measure(real.samples[0], real, plan, seed)
    # Half of the pictures are held out for the CNN; the neighbours see all of them.
    held_out = min(plan.two_sample, len(sample), len(real.test)) // 2
    errors = {
        "two_sample_auc": 1 / math.sqrt(3 * held_out),
        "two_sample_neighbour": 0.5 / math.sqrt(held_out),
    }
    figures = compare(MEASURES, _measure(sample, real, plan, seed), [baseline], errors=errors)
    return Section("realism", "Realism", figures)


def _measure(sample: Collection, real: Real, plan: Plan, seed: int) -> dict[str, float]:
    size = min(plan.two_sample, len(sample), len(real.test))
    fake, true = sample.some(size, seed), real.test.some(size, seed)
    # Alternate, so that both halves hold as many of either kind.
    images = np.stack([fake.images, true.images], 1).reshape(-1, *true.images.shape[1:])
    kinds = np.tile(np.array([1, 0], np.int64), size)
    learn = 2 * (size // 2)
    network = fit(images[:learn], kinds[:learn], 2, plan.two_sample_steps, seed)
    logits = predict(network, images[learn:])
    scores, held_out = logits[:, 1] - logits[:, 0], kinds[learn:]
    wins = stats.mannwhitneyu(scores[held_out == 1], scores[held_out == 0]).statistic
    features = np.stack([fake.reading.features, true.reading.features], 1).reshape(2 * size, -1)
    neighbour = nearest(features, features, skip_self=True)[1]
    return {
        "two_sample_auc": float(wins / (held_out == 1).sum() / (held_out == 0).sum()),
        "two_sample_neighbour": float((kinds[neighbour] == kinds).mean()),
    }

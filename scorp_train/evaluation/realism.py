"""Realism: whether a classifier can tell the images from real ones."""

import math

import numpy as np
from scipy import stats

from scorp_train.measures.neighbours import nearest

from .classifier import fit, predict
from .measured_images import MeasuredImages, RealImages
from .metric import Section, compare, metric_infos
from .sample_sizes import SampleSizes


def realism_section(sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int) -> Section:
    """Run classifier two-sample tests, also on real training images against the same test images."""
    baseline = _measure(real.samples[0], real, sizes, seed)
    # Half of the images are held out from the CNN; the neighbours see all of them.
    held_out = min(sizes.two_sample, len(sample), len(real.test)) // 2
    errors = {
        "two_sample_auc": 1 / math.sqrt(3 * held_out),
        "two_sample_neighbour": 0.5 / math.sqrt(held_out),
    }
    values = _measure(sample, real, sizes, seed)
    return Section("realism", "Realism", compare(metric_infos("realism"), values, [baseline], errors=errors))


def _measure(sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int) -> dict[str, float]:
    size = min(sizes.two_sample, len(sample), len(real.test))
    fake, true = sample.sample(size, seed), real.test.sample(size, seed)
    # The kinds alternate, so that both halves hold equally many of each.
    images = np.stack([fake.images, true.images], 1).reshape(-1, *true.images.shape[1:])
    kinds = np.tile(np.array([1, 0], np.int64), size)
    learn = 2 * (size // 2)
    network = fit(images[:learn], kinds[:learn], 2, sizes.two_sample_steps, seed)
    logits = predict(network, images[learn:])
    scores, held_out = logits[:, 1] - logits[:, 0], kinds[learn:]
    wins = stats.mannwhitneyu(scores[held_out == 1], scores[held_out == 0]).statistic
    features = np.stack([fake.reading.features, true.reading.features], 1).reshape(2 * size, -1)
    neighbour = nearest(features, features, skip_self=True)[1]
    return {
        "two_sample_auc": float(wins / (held_out == 1).sum() / (held_out == 0).sum()),
        "two_sample_neighbour": float((kinds[neighbour] == kinds).mean()),
    }

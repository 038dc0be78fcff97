"""Use: whether a classifier trained on the images can read real ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scorp_train.data import Split
from scorp_train.judge.lookalikes import groups_of

from .classifier import fit, predict
from .measured_images import RealImages, even_samples
from .metric import MetricInfo, Section, compare, metric_infos
from .sample_sizes import SampleSizes

# Three standard deviations over initial weights and choices of real images, by real images per class.
_NOISE = {10: 0.05, 100: 0.015, 1_000: 0.006}


def use_metrics(shots: Sequence[int]) -> tuple[MetricInfo, ...]:
    """Return the metrics for these numbers of real images per class."""
    few = [
        replace(info.named(f"use_{shot}_{info.name}", shots=shot), noise=_NOISE[shot])
        for shot in shots
        for info in metric_infos("shots")
    ]
    return (*metric_infos("use"), *few)


def use_section(images: Split, real: RealImages, sizes: SampleSizes, seed: int) -> Section:
    """Train a small CNN on the images, on real images and on both, and test it on the test images."""
    train, classes = real.dataset.train, len(real.dataset.classes)
    groups = groups_of(real.dataset.classes)  # classes that look alike count as one

    def score(source: Split, steps: int) -> float:
        network = fit(source.images, source.labels, classes, steps, seed)
        read = predict(network, real.test.images).argmax(1)
        return float((groups[read] == groups[real.test.labels]).mean())

    few = train.take(np.random.default_rng(seed).permutation(len(train))[: len(images)])
    values = {"use_all": score(images, sizes.use_all_steps)}
    baseline = {"use_all": score(few, sizes.use_all_steps)}
    for shot in sizes.use_shots:
        real_few, some = (
            split.take(even_samples(split, shot * classes, 1, seed)[0]) for split in (train, images)
        )
        both = Split(
            np.concatenate([real_few.images, images.images]), np.concatenate([real_few.labels, images.labels])
        )
        real_score = score(real_few, sizes.use_steps)
        values[f"use_{shot}_synthetic"] = score(some, sizes.use_steps)
        values[f"use_{shot}_both"] = score(both, 2 * sizes.use_steps)
        baseline[f"use_{shot}_synthetic"] = baseline[f"use_{shot}_both"] = real_score
    infos = use_metrics(sizes.use_shots)
    return Section(
        "use",
        "Use",
        compare(infos, values, [baseline]),
        details={"pictures": len(images), "real": len(few), "steps": sizes.use_all_steps},
    )

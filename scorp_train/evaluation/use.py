"""Use: does a classifier trained on the pictures read real digits?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorp_train.data import Split
from scorp_train.judge.alphabets import alphabet_members

from .classifier import fit, predict
from .measured_images import even_samples
from .metric import Better, Measure, Section, compare
from .real_images import Real
from .sample_sizes import Plan

# Three standard deviations over starts of the weights and choices of real digits, by real digits a class.
_NOISE = {10: 0.05, 100: 0.015, 1_000: 0.006}
_NOISE_ALL = 0.004
_NOISE_CAPITALS = 0.02  # of some 1,300 test pictures, three standard deviations of a share of 0.93


CAPITALS = Measure(
    "use_capitals",
    "Trained on all capitals",
    Better.HIGHER,
    "Train on synthetic capitals only, test on held-out real ones, beside all real training capitals.",
    noise=_NOISE_CAPITALS,
)


def use_measures(shots: Sequence[int]) -> tuple[Measure, ...]:
    """The figures for those numbers of real digits a class."""
    few = [measure for shot in shots for measure in _few_measures(shot)]
    return (
        Measure(
            "use_all",
            "Trained on all pictures",
            Better.HIGHER,
            "Train on synthetic, test on real: accuracy on the test digits, beside as many real training digits.",
            noise=_NOISE_ALL,
        ),
        *few,
    )


def _few_measures(shot: int) -> tuple[Measure, Measure]:
    return (
        Measure(
            f"use_{shot}_synthetic",
            f"Trained on {shot:,} pictures a class",
            Better.HIGHER,
            "Accuracy on real test digits, beside the same number of real digits.",
            noise=_NOISE[shot],
        ),
        Measure(
            f"use_{shot}_both",
            f"Trained on {shot:,} real a class + pictures",
            Better.HIGHER,
            "Accuracy on real test digits when all pictures join the real ones, beside the real ones alone.",
            noise=_NOISE[shot],
        ),
    )


def use_section(pictures: Split, real: Real, plan: Plan, seed: int) -> Section:
    """Train a small CNN on pictures, on real digits and on both; read the test digits with it."""
    train, classes = real.dataset.train, len(real.dataset.classes)

    def score(images: NDArray[np.uint8], labels: NDArray[np.int64], steps: int) -> float:
        network = fit(images, labels, classes, steps, seed)
        return float((predict(network, real.test.images).argmax(1) == real.test.labels).mean())

    few = np.random.default_rng(seed).permutation(len(train))[: len(pictures)]
    values = {"use_all": score(pictures.images, pictures.labels, plan.use_all_steps)}
    baseline = {"use_all": score(train.images[few], train.labels[few], plan.use_all_steps)}
    for shot in plan.use_shots:
        real_few = even_samples(train, shot * classes, 1, seed)[0]
        made_few = even_samples(pictures, shot * classes, 1, seed)[0]
        real_score = score(train.images[real_few], train.labels[real_few], plan.use_steps)
        values[f"use_{shot}_synthetic"] = score(
            pictures.images[made_few], pictures.labels[made_few], plan.use_steps
        )
        values[f"use_{shot}_both"] = score(
            np.concatenate([train.images[real_few], pictures.images]),
            np.concatenate([train.labels[real_few], pictures.labels]),
            2 * plan.use_steps,
        )
        baseline[f"use_{shot}_synthetic"] = baseline[f"use_{shot}_both"] = real_score
    measures = use_measures(plan.use_shots)
    if capitals := alphabet_members(real.dataset.classes).get("capital"):
        measures = (measures[0], CAPITALS, *measures[1:])
        for figures, source in ((values, pictures), (baseline, train)):
            # A generator of digits draws no capital; some collections hold none.
            if np.isin(source.labels, capitals).any() and np.isin(real.test.labels, capitals).any():
                figures["use_capitals"] = _use_capitals(source, real, capitals, plan, seed)
    return Section(
        "use",
        "Use",
        compare(measures, values, [baseline]),
        details={"pictures": len(pictures), "real": len(few), "steps": plan.use_all_steps},
    )


def _use_capitals(source: Split, real: Real, capitals: Sequence[int], plan: Plan, seed: int) -> float:
    """Accuracy on the test capitals of a CNN that knows nothing but the capitals of `source`."""
    mine, asked = np.isin(source.labels, capitals), np.isin(real.test.labels, capitals)
    network = fit(
        source.images[mine], source.labels[mine], len(real.dataset.classes), plan.use_all_steps, seed
    )
    read = predict(network, real.test.images[asked]).argmax(1)
    return float((read == real.test.labels[asked]).mean())

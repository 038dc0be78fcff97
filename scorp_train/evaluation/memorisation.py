"""Memorisation: are the pictures new, or training digits once more?"""

import numpy as np
from numpy.typing import NDArray

from scorp_train.data import Split
from scorp_train.measures.neighbours import nearest

from .measured_images import Collection
from .metric import Better, Measure, Section, compare, share_error
from .real_images import Real
from .sample_sizes import Plan

MEASURES = (
    Measure(
        "near_copies",
        "Near-copies of training digits",
        Better.LOWER,
        "Share nearer to a training digit, by the measure of their class, than 99 % of test digits are.",
        noise=0.01,
    ),
    Measure(
        "exact_copies",
        "Exact copies",
        Better.LOWER,
        "Share equal to a training digit in every pixel.",
    ),
    Measure(
        "training_distance",
        "Distance to the training digits",
        Better.LIKE_REAL,
        "Median distance to the nearest one, by the same of test digits of the class. Below 1: too typical or copied.",
        noise=0.05,
    ),
)
_SHOWN = 12
_CLOSE = 0.01


def memorisation_section(sample: Collection, real: Real, plan: Plan, seed: int) -> Section:
    """Look pictures up among the training digits; the baseline is half of the test digits, the yardstick the rest."""
    train = real.dataset.train
    flat = train.images.reshape(len(train), -1)
    some = sample.some(plan.copies, seed)
    order = np.random.default_rng(seed).permutation(len(real.test))[: 2 * plan.copies]
    yardstick, held_out = real.test.take(order[::2]), real.test.take(order[1::2])
    distances, places = _lookup(some, flat)
    known = _lookup(yardstick, flat)[0]
    medians = _class_medians(yardstick, known, len(real.dataset.classes))
    limit = float(np.nanquantile(known / medians[yardstick.labels], _CLOSE))
    values = _figures(distances, medians[some.labels], limit)
    real_values = _figures(_lookup(held_out, flat)[0], medians[held_out.labels], limit)
    errors = {
        name: share_error(values[name], len(some), real_values[name], len(held_out))
        for name in ("near_copies", "exact_copies")
    }
    return Section(
        "memorisation",
        "Memorisation",
        compare(MEASURES, values, [real_values], errors=errors),
        pictures={"nearest_training": _pairs(some, distances, places, train)},
    )


def _lookup(some: Collection, flat: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return nearest(some.images.reshape(len(some), -1), flat)


def _class_medians(
    yardstick: Collection, distances: NDArray[np.float64], classes: int
) -> NDArray[np.float64]:
    """Median distance by class; NaN for a class that the yardstick has not."""
    medians = np.full(classes, np.nan)
    for label in np.unique(yardstick.labels):
        medians[label] = np.median(distances[yardstick.labels == label])
    return medians


def _figures(distances: NDArray[np.float64], medians: NDArray[np.float64], limit: float) -> dict[str, float]:
    """`medians` are those of each picture's class; ones are nearer to their kind than eights are."""
    return {
        "near_copies": float((distances / medians < limit).mean()),
        "exact_copies": float((distances < 0.5).mean()),
        "training_distance": float(np.nanmedian(distances / medians)),
    }


def _pairs(
    some: Collection, distances: NDArray[np.float64], places: NDArray[np.int64], train: Split
) -> NDArray[np.uint8]:
    """The pictures nearest to a training digit, above those digits, for the eye: uint8 (2, n, 28, 28)."""
    closest = np.argsort(distances, kind="stable")[:_SHOWN]
    return np.stack([some.images[closest], train.images[places[closest]]])

"""Memorisation: whether the images are new, or copies of training images."""

import numpy as np
from numpy.typing import NDArray

from scorp_train.measures.neighbours import nearest

from .measured_images import MeasuredImages, RealImages
from .metric import Section, compare, metric_infos, share_error
from .sample_sizes import SampleSizes

_SHOWN = 12
_CLOSE = 0.01


def memorisation_section(sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int) -> Section:
    """Look images up among the training images; one half of the test images is the scale, the other the baseline."""
    train = real.dataset.train
    flat = train.images.reshape(len(train), -1)
    some = sample.sample(sizes.copies, seed)
    order = np.random.default_rng(seed).permutation(len(real.test))[: 2 * sizes.copies]
    scale, held_out = real.test.take(order[::2]), real.test.take(order[1::2])
    distances, indices = _lookup(some, flat)
    known = _lookup(scale, flat)[0]
    medians = _class_medians(scale.labels, known, len(real.dataset.classes))
    limit = float(np.nanquantile(known / medians[scale.labels], _CLOSE))
    values = _metrics(distances, medians[some.labels], limit)
    real_values = _metrics(_lookup(held_out, flat)[0], medians[held_out.labels], limit)
    errors = {
        name: share_error(values[name], len(some), real_values[name], len(held_out))
        for name in ("near_copies", "exact_copies")
    }
    closest = np.argsort(distances, kind="stable")[:_SHOWN]
    return Section(
        "memorisation",
        "Memorisation",
        compare(metric_infos("memorisation"), values, [real_values], errors=errors),
        images={"nearest_training": np.stack([some.images[closest], train.images[indices[closest]]])},
    )


def _lookup(some: MeasuredImages, flat: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return nearest(some.images.reshape(len(some), -1), flat)


def _class_medians(
    labels: NDArray[np.int64], distances: NDArray[np.float64], classes: int
) -> NDArray[np.float64]:
    """Return the median distance by class; NaN for a class that does not occur."""
    medians = np.full(classes, np.nan)
    for label in np.unique(labels):
        medians[label] = np.median(distances[labels == label])
    return medians


def _metrics(distances: NDArray[np.float64], medians: NDArray[np.float64], limit: float) -> dict[str, float]:
    """Return the metrics; `medians` are those of each image's class, as classes differ in how close images are."""
    return {
        "near_copies": float((distances / medians < limit).mean()),
        "exact_copies": float((distances < 0.5).mean()),
        "training_distance": float(np.nanmedian(distances / medians)),
    }

"""Robustness: whether corrupted images stay as readable as corrupted real ones."""

import math

import numpy as np
from numpy.typing import NDArray

from scorp_train.measures.corruptions import CORRUPTIONS, SEVERITIES, corrupt

from .measured_images import MeasuredImages, RealImages
from .metric import Section, compare, metric_infos
from .sample_sizes import SampleSizes

(_ACCURACY,) = metric_infos("corruption")
METRICS = (
    *metric_infos("robustness"),
    *(_ACCURACY.named(f"accuracy_{name}", title=name.replace("_", " ").capitalize()) for name in CORRUPTIONS),
)


def robustness_section(sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int) -> Section:
    """Measure accuracy by corruption and severity, also of test images, which the judge has not seen either."""
    right = {
        kind: _read_correctly(images.sample(sizes.corrupted, seed), real, seed)
        for kind, images in (("sample", sample), ("test", real.test))
    }
    values, errors = {}, {}
    for kind, read in right.items():
        # An image is one observation, however often it is corrupted.
        shares = {f"accuracy_{name}": of_image[1:].mean(0) for name, of_image in read.items()}
        shares["corrupted_accuracy"] = np.mean(list(shares.values()), 0)
        values[kind] = {name: float(share.mean()) for name, share in shares.items()}
        errors[kind] = {name: float(share.std() / math.sqrt(len(share))) for name, share in shares.items()}
    both = {name: math.hypot(error, errors["test"][name]) for name, error in errors["sample"].items()}
    curves = {
        kind: {name: of_image.mean(1).tolist() for name, of_image in read.items()}
        for kind, read in right.items()
    }
    return Section(
        "robustness",
        "Robustness",
        compare(METRICS, values["sample"], [values["test"]], errors=both),
        details={"severities": [0, *SEVERITIES], "curves": curves},
    )


def _read_correctly(some: MeasuredImages, real: RealImages, seed: int) -> dict[str, NDArray[np.float64]]:
    """Return by corruption whether each image is read correctly at severities 0 to 5, float64 (6, N)."""

    def read(name: str, severity: int) -> NDArray[np.bool_]:
        correct: NDArray[np.bool_] = (
            real.judge.read(corrupt(some.images, name, severity, seed)).labels == some.labels
        )
        return correct

    return {
        name: np.array([read(name, severity) for severity in (0, *SEVERITIES)], np.float64)
        for name in CORRUPTIONS
    }

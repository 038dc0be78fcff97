"""Robustness: do the pictures stay readable when they get worse, as real ones do?"""

import math

import numpy as np
from numpy.typing import NDArray

from scorp_train.measures.corruptions import CORRUPTIONS, SEVERITIES, corrupt

from .measured_images import Collection
from .metric import Better, Measure, Section, compare
from .real_images import Real
from .sample_sizes import Plan

MEASURES = (
    Measure(
        "corrupted_accuracy",
        "Accuracy, corrupted",
        Better.LIKE_REAL,
        "Mean over the corruptions and severities of what the judge still reads right.",
        noise=0.02,
    ),
    *(
        Measure(
            f"accuracy_{name}",
            name.replace("_", " ").capitalize(),
            Better.LIKE_REAL,
            "Accuracy under this corruption, mean over severities 1 to 5.",
            noise=0.04,
        )
        for name in CORRUPTIONS
    ),
)


def robustness_section(sample: Collection, real: Real, plan: Plan, seed: int) -> Section:
    """Accuracy by corruption and severity, beside test digits (which the judge has not seen either)."""
    right = {
        kind: _read_right(source.some(plan.corrupted, seed), real, seed)
        for kind, source in _sides(sample, real)
    }
    values, errors = {}, {}
    for kind, read in right.items():
        # A picture is one observation, however often it is corrupted.
        of_pictures = {f"accuracy_{name}": shares[1:].mean(0) for name, shares in read.items()}
        of_pictures["corrupted_accuracy"] = np.mean(list(of_pictures.values()), 0)
        values[kind] = {name: float(shares.mean()) for name, shares in of_pictures.items()}
        errors[kind] = {
            name: float(shares.std() / math.sqrt(len(shares))) for name, shares in of_pictures.items()
        }
    both = {name: math.hypot(error, errors["test"][name]) for name, error in errors["sample"].items()}
    curves = {
        kind: {name: shares.mean(1).tolist() for name, shares in read.items()} for kind, read in right.items()
    }
    return Section(
        "robustness",
        "Robustness",
        compare(MEASURES, values["sample"], [values["test"]], errors=both),
        details={"severities": [0, *SEVERITIES], "curves": curves},
    )


def _sides(sample: Collection, real: Real) -> tuple[tuple[str, Collection], ...]:
    return ("sample", sample), ("test", real.test)


def _read_right(some: Collection, real: Real, seed: int) -> dict[str, NDArray[np.float64]]:
    """By corruption: whether each picture is read right at severities 0 to 5, float64 (6, N)."""

    def right(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        verdicts: NDArray[np.bool_] = real.judge.read(images).labels == some.labels
        return verdicts

    return {
        name: np.array(
            [right(corrupt(some.images, name, severity, seed)) for severity in (0, *SEVERITIES)], np.float64
        )
        for name in CORRUPTIONS
    }

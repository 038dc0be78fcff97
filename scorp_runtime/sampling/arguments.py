"""Types of the arguments that name labels and styles.

Example:
    >>> from scorp_runtime import Generator, LabelsLike, StyleLike
    >>> def mean_ink(labels: LabelsLike, thickness: StyleLike) -> float:
    ...     return float(Generator().generate(labels, 100, seed=1, thickness=thickness).images.mean())
    >>> mean_ink("0-9", 2.0) < mean_ink("0-9", (4.0, 5.0))
    True
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .knobs import Uniform
from .labels import Counts, Weights

LabelsLike = str | int | Sequence[str | int] | npt.NDArray[np.integer[Any] | np.str_] | Weights | Counts
"""A class position, a text such as `"0-9"`, one label per image, `Weights` or `Counts`."""

StyleLike = (
    float
    | str
    | tuple[float, float]
    | Sequence[float]
    | npt.NDArray[np.floating[Any] | np.integer[Any]]
    | Uniform
)
"""A number for all images, a range `(low, high)`, one number per image, or a text such as `"2..5"`."""

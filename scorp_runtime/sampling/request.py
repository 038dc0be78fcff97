"""The arguments of a request, read and checked before anything is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scorp_runtime.errors import CountError

from . import philox
from .knobs import Knob, StyleValue, read_styles
from .labels import Labels, read_labels
from .philox import Indices


@dataclass(frozen=True, slots=True)
class Request:
    """Images `start ... start + count - 1` of a seed; `styles` maps knob positions to values."""

    labels: Labels
    count: int
    seed: int
    start: int
    styles: Mapping[int, StyleValue]
    writer: int | None = None

    def place(self, offset: Indices) -> Indices:
        """Return the index of the image at an offset within the request, or of each image at an array of offsets."""
        return offset + np.uint64(self.start) if isinstance(offset, np.ndarray) else offset + self.start


def read_request(
    classes: Sequence[str],
    knobs: Sequence[Knob],
    labels: object,
    count: object,
    seed: object,
    start: object,
    styles: Mapping[str, object],
    *,
    writer: object = None,
    endless: bool = False,
) -> Request:
    """Read and check the arguments of a request, as `Generator.generate` describes them; may raise `RequestError`.

    `classes` and `knobs` are those of the model. If `endless`, a `count` of None is all images of the seed.
    """
    plan = read_labels(labels, classes)
    first = philox.read_start(start)
    if count is not None:
        number = philox.read_count(count)
        if plan.has_fixed_count and number != plan.default_count:
            raise CountError(
                f"count is {number}, but the labels are for {plan.default_count} images; leave count out"
            )
    elif endless and not plan.has_fixed_count:
        number = philox.SPACE - first
    else:
        number = plan.default_count
    philox.read_start(first, number)
    values = read_styles(styles, knobs, number)
    return Request(plan, number, philox.read_seed(seed), first, values, philox.read_writer(writer))

"""What a caller asks for, read and checked before any work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import CountError

from . import philox
from .knobs import Asked, Knob, read_styles, requested_styles
from .labels import Counted, Labels, Listed, read_labels
from .philox import Indices
from .style_prior import StylePrior


@dataclass(frozen=True, slots=True)
class Request:
    """Pictures `start ... start + count - 1` of a seed; `asked` maps the position of a knob to what was asked."""

    labels: Labels
    count: int
    seed: int
    start: int
    asked: Mapping[int, Asked]
    writer: int | None = None

    def place(self, offset: Indices) -> Indices:
        """Return the index, within the seed, of the picture at `offset`, or of each of those in an array."""
        return offset + np.uint64(self.start) if isinstance(offset, np.ndarray) else offset + self.start

    def labels_and_styles(
        self, offset: Indices, count: int, knobs: tuple[Knob, ...], natural: StylePrior
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return what `count` pictures show, from the picture at `offset` on or at the offsets in an array.

        Returns:
            int64 (N,), float64 (N, S).
        """
        index = self.place(offset)
        labels = self.labels.at(self.seed, index, offset, count)
        values = requested_styles(self.asked, self.seed, index, offset, count, knobs)
        return labels, natural.complete(values, tuple(self.asked), labels, self.seed, index, self.writer)


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
    """Read the arguments of a request against a model.

    Args:
        classes: class names of the model.
        knobs: style inputs of the model.
        labels: see `read_labels`.
        count: of pictures. None is one per label named, listed or counted, or, if `endless`, all that the seed has.
        seed: None draws a fresh one.
        start: index of the first picture.
        styles: see `read_styles`.
        writer: whose hand the pictures share; None for nobody's.
        endless: whether a request without count goes on to the last address.

    Raises:
        RequestError: of the kind that fits what is wrong.
    """
    plan = read_labels(labels, classes)
    first = philox.read_start(start)
    if isinstance(plan, Listed | Counted):
        number = plan.default_count
        if count is not None and philox.read_count(count) != number:
            raise CountError(f"count {count} contradicts the {number} labels")
    elif count is None:
        number = philox.SPACE - first if endless else plan.default_count
    else:
        number = philox.read_count(count)
    philox.read_start(first, number)
    asked = read_styles(styles, knobs, number)
    return Request(plan, number, philox.read_seed(seed), first, asked, philox.read_writer(writer))

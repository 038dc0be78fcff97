"""The classes that a command names, and how many pictures each of them gets."""

import re
from collections.abc import Sequence

from scorp_runtime.errors import CountError, LabelError

from .labels import Counts, Weights, read_labels

_WEIGHT = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_COUNT = re.compile(r"\d{1,20}", re.ASCII)


def read_class_shares(
    what: str, per_class: str | None, class_weights: str | None, classes: Sequence[str]
) -> str | Counts | Weights:
    """Return the labels to ask of `generate`.

    Args:
        what: the classes, such as `"0-9"`.
        per_class: a number of pictures for each of them, or one for all: `"100"`, `"10,500,20"`.
        class_weights: a weight for each of them: `"5,3,2.5"`.
        classes: of the model.

    Raises:
        LabelError: if `what` names no classes, or the weights are not theirs.
        CountError: if the numbers of pictures are not theirs.
    """
    if per_class is None and class_weights is None:
        return what
    if per_class is not None and class_weights is not None:
        raise CountError("numbers per class and weights exclude each other")
    names = [classes[position] for position in read_labels(what, classes).at(0, 0, 0, _named(what, classes))]
    if len(set(names)) < len(names):
        raise LabelError(f"{what!r} names a class twice, so it is not plain how many it gets")
    if class_weights is not None:
        numbers = class_weights.split(",")
        if len(numbers) != len(names) or not all(map(_WEIGHT.fullmatch, numbers)):
            raise LabelError(f"{class_weights!r} is not {len(names)} weights, one for each class of {what!r}")
        return Weights(dict(zip(names, map(float, numbers), strict=True)))
    numbers = str(per_class).split(",")
    if len(numbers) not in (1, len(names)) or not all(map(_COUNT.fullmatch, numbers)):
        raise CountError(
            f"{per_class!r} is neither one number of pictures nor one for each class of {what!r}"
        )
    if len(numbers) == 1:
        numbers *= len(names)
    return Counts(dict(zip(names, map(int, numbers), strict=True)))


def _named(what: str, classes: Sequence[str]) -> int:
    return read_labels(what, classes).default_count

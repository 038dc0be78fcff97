"""The classes that a command requests, and the number of images or the weight of each."""

import re
from collections.abc import Sequence

from scorp_runtime.errors import CountError, LabelError

from .labels import Counts, Weights, read_labels

_WEIGHT = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_COUNT = re.compile(r"\d{1,20}", re.ASCII)


def read_class_shares(
    what: str, per_class: str | None, class_weights: str | None, classes: Sequence[str]
) -> str | Counts | Weights:
    """Return the `labels` argument of `Generator.generate`; raise `LabelError` or `CountError` if one is invalid.

    `what` names classes, such as `"0-9"`. `per_class` has a number of images for each or for all of them, such as
    `"10,500,20"` or `"100"`; `class_weights` has a weight for each.
    """
    if per_class is None and class_weights is None:
        return what
    if per_class is not None and class_weights is not None:
        raise CountError("--per-class and --class-weights exclude each other")
    names = [classes[position] for position in read_labels(what, classes).positions]
    if len(set(names)) < len(names):
        raise LabelError(f"{what!r} names a class twice")
    if class_weights is not None:
        numbers = class_weights.split(",")
        if len(numbers) != len(names) or not all(map(_WEIGHT.fullmatch, numbers)):
            raise LabelError(f"{class_weights!r} is not {len(names)} weights, one for each class of {what!r}")
        return Weights(dict(zip(names, map(float, numbers), strict=True)))
    numbers = str(per_class).split(",")
    if len(numbers) not in (1, len(names)) or not all(map(_COUNT.fullmatch, numbers)):
        raise CountError(f"{per_class!r} is neither one number of images nor one for each class of {what!r}")
    if len(numbers) == 1:
        numbers *= len(names)
    return Counts(dict(zip(names, map(int, numbers), strict=True)))

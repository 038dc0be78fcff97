"""Classes that no single image in a box tells apart: 0, O and o differ by size, 1, I and l by context."""

import numpy as np
from numpy.typing import NDArray

GROUPS = (
    "0Oo",
    "1Il|",
    *("cC", "jJ", "kK", "mM", "pP", "sS", "uU", "vV", "wW", "xX", "yY", "zZ"),
    *("9gq", "-_~", "',`"),
)


def groups_of(classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the number of each class's group, (K,): the position of its first class that looks like it."""
    alike = {name: group for group in GROUPS for name in group}
    return np.array(
        [
            min(classes.index(other) for other in alike.get(name, (name,)) if other in classes)
            for name in classes
        ]
    )


def has_lookalikes(classes: tuple[str, ...]) -> bool:
    """Return whether two classes look alike."""
    return len(set(groups_of(classes).tolist())) < len(classes)


def lookalike_accuracy(
    read: NDArray[np.int64], labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, float]:
    """Return the `lookalike_accuracy`, the share read as labelled or as a class that looks like it.

    Empty if no classes look alike, as it is the label accuracy then.

    Args:
        read: classes that the judge reads, (N,).
        labels: what the images should show, (N,).
        classes: names of the classes.
    """
    if not has_lookalikes(classes):
        return {}
    groups = groups_of(classes)
    return {"lookalike_accuracy": float((groups[read] == groups[labels]).mean())}

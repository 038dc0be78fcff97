"""Test pictures for a data set that comes without."""

import numpy as np

from .dataset import Split

EVERY = 6


def hold_out(split: Split) -> tuple[Split, Split]:
    """The split without every sixth picture of each class, and those."""
    held_out = np.zeros(len(split), np.bool_)
    for label in np.unique(split.labels):
        held_out[np.flatnonzero(split.labels == label)[EVERY - 1 :: EVERY]] = True
    kept = ~held_out
    return Split(split.images[kept], split.labels[kept]), Split(
        split.images[held_out], split.labels[held_out]
    )

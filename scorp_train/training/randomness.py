"""Random numbers that follow from a seed and a place in the training, so that a resumed run draws the same ones."""

from enum import IntEnum

import numpy as np
import torch


class Purpose(IntEnum):
    """What random numbers are for; each purpose has numbers of its own."""

    WEIGHTS = 0
    ORDER = 1
    STEP = 2
    SAMPLES = 3


def generator_for(seed: int, purpose: Purpose, position: int = 0) -> torch.Generator:
    """A CPU generator that depends on nothing but its arguments."""
    (state,) = np.random.SeedSequence([seed, purpose, position]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))

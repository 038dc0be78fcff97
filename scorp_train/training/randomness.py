"""Random numbers derived from a seed and a position in the training, so a resumed run draws the same ones."""

from enum import IntEnum

import numpy as np

from scorp_train.models.model_api import StepRandom


class Purpose(IntEnum):
    """What random numbers are for; each purpose has its own sequence."""

    WEIGHTS = 0
    ORDER = 1
    STEP = 2
    SAMPLES = 3


def generator_for(seed: int, purpose: Purpose, position: int = 0) -> StepRandom:
    """Return a CPU generator that depends only on its arguments."""
    (state,) = np.random.SeedSequence([seed, purpose, position]).generate_state(1, np.uint64)
    random = StepRandom()
    random.manual_seed(int(state >> np.uint64(1)))
    return random

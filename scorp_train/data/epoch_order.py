"""The order in which an epoch visits the images."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def epoch_order(count: int, weights: NDArray[np.floating] | None, random: torch.Generator) -> Tensor:
    """Return the indices of an epoch's images, int64 (count,): each once, or drawn in proportion to its weight."""
    if weights is None:
        return torch.randperm(count, generator=random)
    return torch.multinomial(torch.from_numpy(weights), count, replacement=True, generator=random)

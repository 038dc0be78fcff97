"""Small random deformations of a batch: affine and elastic (after Simard, Steinkraus and Platt 2003)."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from scorp_train.data.augmentation import affine, bent_grid
from scorp_train.data.dataset import SIDE

ROTATION = 12.0  # degrees, each way
SHEAR = 0.2
SCALE = 0.12
SHIFT = 2.0  # pixels
ELASTIC = 1.0  # pixels, standard deviation of the displacement on a 5 x 5 grid


def deform(images: Tensor, random: torch.Generator) -> Tensor:
    """Return a deformed copy of images float32 (N, 1, 28, 28), with random numbers from `random`."""

    def uniform(bound: float) -> Tensor:
        return (torch.rand(len(images), generator=random) * 2 - 1) * bound

    angle, shear = uniform(math.radians(ROTATION)), uniform(SHEAR)
    across, down = 1 + uniform(SCALE), 1 + uniform(SCALE)
    shift = torch.stack([uniform(2 * SHIFT / SIDE), uniform(2 * SHIFT / SIDE)])
    grid = bent_grid(affine(angle, shear, across, down, shift), SIDE, 5, ELASTIC, random)
    return functional.grid_sample(images, grid, align_corners=False)

"""Small random deformations of a batch: affine and elastic (after Simard, Steinkraus and Platt 2003)."""

import math

import torch
from torch import Tensor
from torch.nn import functional

ROTATION = 12.0  # degrees, each way
SHEAR = 0.2
SCALE = 0.12
SHIFT = 2.0  # pixels
ELASTIC = 1.0  # pixels, standard deviation of the displacement on a 5 x 5 grid


def deform(images: Tensor, random: torch.Generator) -> Tensor:
    """Return a deformed copy of images float32 (N, 1, 28, 28), with random numbers from `random`."""
    count, _, height, width = images.shape

    def uniform(bound: float) -> Tensor:
        return (torch.rand(count, generator=random) * 2 - 1) * bound

    angle, shear = uniform(math.radians(ROTATION)), uniform(SHEAR)
    across, down = 1 + uniform(SCALE), 1 + uniform(SCALE)
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack(
        [
            torch.stack([cos * across, (shear * cos - sin) * down, uniform(2 * SHIFT / width)], 1),
            torch.stack([sin * across, (shear * sin + cos) * down, uniform(2 * SHIFT / height)], 1),
        ],
        1,
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    coarse = torch.randn(count, 2, 5, 5, generator=random) * (ELASTIC * 2 / width)
    bend = functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    return functional.grid_sample(images, grid + bend.permute(0, 2, 3, 1), align_corners=False)

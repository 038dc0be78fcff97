"""Slight variants of images, so that a network does not learn a small class by heart.

A variant is rotated, sheared, stretched, bent and drawn with a thinner or thicker pen, each by little, and brought into
MNIST's form again. It is never mirrored. The same seed makes the same variants.
"""

import math
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .dataset import SIDE, Dataset, Split
from .mnist_form import BOX

ROTATION = 6.0  # degrees, each way
SHEAR = 0.12
STRETCH = 0.08  # of width against height, each way
BEND = 0.25  # pixels, standard deviation of the displacement on a 4 x 4 grid
PEN = 0.3  # pixels that a stroke gains or loses on each side, at most
PEN_SHARE = 0.14  # of the stroke's thickness, at most
_FINE = 3  # factor of the resolution at which variants are drawn
_BLOCK = 512


def with_variants(dataset: Dataset, count: int, seed: int) -> Dataset:
    """Return the dataset with variants added to each class of fewer than `count` training images, up to `count`.

    An image with a higher weight gets more variants instead; the share of each class stays the same.
    """
    train = dataset.train
    weights = np.ones(len(train)) if train.weights is None else train.weights
    copies = np.zeros(len(train), np.int64)
    for label in np.unique(train.labels):
        places = np.flatnonzero(train.labels == label)
        if len(places) < count:
            copies[places] = _copies(weights[places], count)
    parents = np.repeat(np.arange(len(train)), copies)
    filled = train.take(np.concatenate([np.arange(len(train)), parents]))
    filled = replace(
        filled,
        images=np.concatenate([train.images, make_variants(train.images[parents], seed)]),
        weights=None if train.weights is None else _class_weights(train, filled.labels),
    )
    return replace(dataset, train=filled, variants=len(parents))


def _copies(weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return how many variants of each image fill a class up to `count`, in proportion to the weights."""
    wanted = np.maximum(weights / weights.sum() * count - 1, 0)
    ends = np.cumsum(wanted) * ((count - len(weights)) / wanted.sum())
    copies: NDArray[np.int64] = np.diff(np.floor(ends + 0.5).astype(np.int64), prepend=0)
    return copies


def _class_weights(train: Split, labels: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return weights that keep the sum of each class; None if they are all equal."""
    sums = np.bincount(train.labels, train.weights)
    weights: NDArray[np.float64] = (sums / np.maximum(np.bincount(labels), 1))[labels]
    return None if np.ptp(weights) < 1e-3 * weights.mean() else weights


def make_variants(images: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return one variant of each image uint8 (N, 28, 28)."""
    random = torch.Generator().manual_seed(seed)
    made = [_vary(images[start : start + _BLOCK], random) for start in range(0, len(images), _BLOCK)]
    return np.concatenate([images[:0], *made])


def _vary(images: NDArray[np.uint8], random: torch.Generator) -> NDArray[np.uint8]:
    ink = torch.from_numpy(images).unsqueeze(1).float() / 255

    def uniform(bound: float) -> Tensor:
        return (torch.rand(len(ink), generator=random) * 2 - 1) * bound

    angle, shear, stretch = uniform(math.radians(ROTATION)), uniform(SHEAR), uniform(STRETCH)
    # A tenth smaller, so that no corner leaves the image.
    matrices = 1.1 * affine(angle, shear, 1 + stretch, 1 - stretch, torch.zeros(2, len(ink)))
    grid = bent_grid(matrices, _FINE * SIDE, 4, BEND, random)
    fine = F.grid_sample(ink, grid, mode="bicubic", align_corners=False)
    gain = (torch.rand(len(ink), generator=random) * 2 - 1) * PEN
    made = _laid_out(_redrawn(((fine - 0.5) * _FINE + 0.5).clamp(0, 1), gain))
    varied: NDArray[np.uint8] = (made * 255).round().to(torch.uint8)[:, 0].numpy()
    return varied


def affine(angle: Tensor, shear: Tensor, across: Tensor, down: Tensor, shift: Tensor) -> Tensor:
    """Return the maps from deformed to original images, float32 (N, 2, 3); `shift` is (2, N), the others are (N,)."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        [cos * across, (shear * cos - sin) * down, shift[0]],
        [sin * across, (shear * sin + cos) * down, shift[1]],
    ]
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def bent_grid(matrices: Tensor, side: int, cells: int, bend: float, random: torch.Generator) -> Tensor:
    """Return where to sample affine and elastic deformations, float32 (N, side, side, 2).

    `bend` is the standard deviation of the displacement on a grid of `cells` x `cells`, in pixels.
    """
    grid = F.affine_grid(matrices, [len(matrices), 1, side, side], align_corners=False)
    coarse = torch.randn(len(matrices), 2, cells, cells, generator=random) * (bend * 2 / SIDE)
    fine = F.interpolate(coarse, (side, side), mode="bicubic", align_corners=True)
    return grid + fine.permute(0, 2, 3, 1)


def _redrawn(fine: Tensor, gain: Tensor) -> Tensor:
    """Return images (N, 1, H, W) with `gain` pixels of the small image added to each side of their strokes."""
    thicker, thinner = F.max_pool2d(fine, 3, 1, 1), -F.max_pool2d(-fine, 3, 1, 1)
    area = fine.sum((1, 2, 3))
    thickness = 2 * area / (thicker.sum((1, 2, 3)) - area).clamp_min(1)
    steps = (_FINE * gain).clamp(-1, 1)  # pixels of the fine image
    steps = torch.minimum(steps.abs(), PEN_SHARE * thickness) * steps.sign()
    steps = steps[:, None, None, None]
    return torch.lerp(fine, torch.where(steps > 0, thicker, thinner), steps.abs())


def _laid_out(fine: Tensor) -> Tensor:
    """Return images (N, 1, H, W) in MNIST's form: `BOX` pixels on the longer side, centred by mass."""
    count, _, side, _ = fine.shape
    rows, columns = fine.amax(3)[:, 0], fine.amax(2)[:, 0]
    longer = torch.maximum((rows > 0.5).sum(1), (columns > 0.5).sum(1)).clamp_min(1)
    place = torch.linspace(-1 + 1 / side, 1 - 1 / side, side)
    mass = fine.sum((1, 2, 3)).clamp_min(1e-6)
    y, x = (fine.sum(3)[:, 0] @ place) / mass, (fine.sum(2)[:, 0] @ place) / mass
    zoom, zero = longer / (BOX * side / SIDE), torch.zeros(count)
    matrix = torch.stack([torch.stack([zoom, zero, x], 1), torch.stack([zero, zoom, y], 1)], 1)
    grid = F.affine_grid(matrix, [count, 1, side, side], False)
    laid = F.grid_sample(fine, grid, align_corners=False)
    return F.avg_pool2d(laid, side // SIDE).clamp(0, 1)

"""Differentiable style measures: thickness, slant and width as torch functions of the pixels.

They rise with the measures of `style` but are not calibrated: training only compares a generated image with the
real image of the same style.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

LEAST_INK = 1.0  # in full pixels; images with less have no useful gradient
LEAST_VARIANCE = 0.5
TAIL = 0.01


def styles(images: Tensor) -> Tensor:
    """Return thickness in px, slant in degrees (positive leans right) and width in px.

    Args:
        images: float32 (N, 1, H, W), 0 = paper, 1 = ink.

    Returns:
        float32 (N, 3).
    """
    ink = images[:, 0]
    area = ink.sum((1, 2)).clamp_min(LEAST_INK)
    across, shear = _moments(ink, area)
    return torch.stack(
        [2.0 * area / _edge_length(ink), torch.rad2deg(torch.atan(shear)), _width(ink, area, across, shear)],
        1,
    )


def _edge_length(ink: Tensor) -> Tensor:
    """Return the total variation: the length of the outline, twice the length of a thin stroke."""
    padded = F.pad(ink, (1, 1, 1, 1))
    dx = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    dy = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    return (dx.square() + dy.square() + 1e-8).sqrt().sum((1, 2)).clamp_min(LEAST_INK)


def _moments(ink: Tensor, area: Tensor) -> tuple[Tensor, Tensor]:
    """Return the horizontal distance (N, H, W) of each pixel from the slanted axis, and the shear (N,) of the axis."""
    rows = torch.arange(ink.shape[1], dtype=ink.dtype, device=ink.device)
    columns = torch.arange(ink.shape[2], dtype=ink.dtype, device=ink.device)
    dy = rows - (ink.sum(2) * rows).sum(1, keepdim=True) / area[:, None]
    dx = columns - (ink.sum(1) * columns).sum(1, keepdim=True) / area[:, None]
    u11 = torch.einsum("nyx,ny,nx->n", ink, dy, dx) / area
    u02 = ((ink.sum(2) * dy.square()).sum(1) / area).clamp_min(LEAST_VARIANCE)
    # Rows count downwards, so ink that leans right has a negative mixed moment.
    shear = -u11 / u02
    return dx[:, None, :] + shear[:, None, None] * dy[:, :, None], shear


def _width(ink: Tensor, area: Tensor, across: Tensor, shear: Tensor) -> Tensor:
    """Return the distance between the 1 % and 99 % quantiles of the ink across the slanted axis."""
    bins = 2 * ink.shape[2] + 2
    place = (across + bins / 2).clamp(0.0, bins - 1.001)
    left = place.detach().floor()
    share = place - left
    flat, column = ink.flatten(1), left.long().flatten(1)
    mass = torch.zeros(len(ink), bins, dtype=ink.dtype, device=ink.device)
    mass = mass.scatter_add(1, column, flat * (1 - share.flatten(1)))
    mass = mass.scatter_add(1, column + 1, flat * share.flatten(1))
    below = mass.cumsum(1) / area[:, None]
    return _quantile(below, 1.0 - TAIL) - _quantile(below, TAIL)


def _quantile(below: Tensor, share: float) -> Tensor:
    """Return where a cumulative distribution (N, bins) crosses `share`, interpolated."""
    upper = (below.detach() < share).sum(1).clamp(1, below.shape[1] - 1)[:, None]
    before, after = below.gather(1, upper - 1)[:, 0], below.gather(1, upper)[:, 0]
    return upper[:, 0] - 1 + ((share - before) / (after - before).clamp_min(1e-4)).clamp(0.0, 1.0)

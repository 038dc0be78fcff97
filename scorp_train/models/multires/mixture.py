"""A mixture of Gaussians over styles and codes, fitted by expectation maximisation, and its conditional on the style.

An encoder describes an image by a distribution over codes: a mean and a variance. The expectation over that noise has a
closed form (add the weighted variances to the diagonal), so no noisy codes are drawn. Each covariance is shrunk
towards the average one of its class, because a rare form has few examples.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

ROUNDS = 59
TOLERANCE = 1e-3  # nats per image: less gain than that ends the fit
SHRINKAGE = 20.0  # images: the weight of the average covariance
SMALLEST_VARIANCE = 1e-3
FEWEST = 20  # images per component
FACTOR_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class Mixture:
    """K Gaussians in D dimensions, float64: log-weights (K,), means (K, D), covariances (K, D, D)."""

    log_weights: Tensor
    means: Tensor
    covariances: Tensor


@dataclass(frozen=True, eq=False)
class Conditional:
    """A mixture given the first S dimensions, the style s; float64.

    Component k has the log-weight `constant[k] + linear[k] @ s + s @ quadratic[k] @ s`, up to a constant, and draws
    `mean[k] + slope[k] @ s + factors[k] @ z + spread[k] * e` for standard normal z (R,) and e (E,).
    """

    constant: Tensor
    linear: Tensor
    quadratic: Tensor
    mean: Tensor
    slope: Tensor
    factors: Tensor
    spread: Tensor


def fit_mixture(points: Tensor, variances: Tensor, components: int, random: torch.Generator) -> Mixture:
    """Fit a mixture to N noisy points: means and variances, float64 (N, D). Few points get fewer components."""
    components = max(1, min(components, len(points) // FEWEST))
    share = 0.9 * _clusters(points, components, random) + 0.1 / components
    mixture, before = _maximised(points, variances, share), -math.inf
    for _ in range(ROUNDS):
        joint = _log_densities(mixture, points, variances) + mixture.log_weights
        total = joint.logsumexp(1, keepdim=True)
        share, likelihood = (joint - total).exp(), total.mean().item()
        if likelihood - before < TOLERANCE:
            break
        mixture, before = _maximised(points, variances, share), likelihood
    return mixture


def condition(mixture: Mixture, styles: int, factors: int) -> Conditional:
    """Return the mixture given its first `styles` dimensions, with `factors` factors per covariance."""
    style, code = mixture.means[:, :styles], mixture.means[:, styles:]
    of_style, of_code = mixture.covariances[:, :styles, :styles], mixture.covariances[:, styles:, styles:]
    across = mixture.covariances[:, styles:, :styles]
    precision = torch.linalg.inv(of_style)
    slope = across @ precision
    loading, spread = _factors(of_code - slope @ across.mT, factors)
    linear = (precision @ style[:, :, None])[:, :, 0]
    return Conditional(
        constant=mixture.log_weights - 0.5 * torch.logdet(of_style) - 0.5 * (linear * style).sum(1),
        linear=linear,
        quadratic=-0.5 * precision,
        mean=code - (slope @ style[:, :, None])[:, :, 0],
        slope=slope,
        factors=loading,
        spread=spread,
    )


def _clusters(points: Tensor, count: int, random: torch.Generator, rounds: int = 8) -> Tensor:
    """Return the clusters that k-means++ finds, one-hot float64 (N, K)."""
    centres = points[torch.randint(len(points), (1,), generator=random)]
    for _ in range(count - 1):
        distance = torch.cdist(points, centres).square().amin(1)
        chosen = torch.multinomial(distance + 1e-9, 1, generator=random)
        centres = torch.cat([centres, points[chosen]])
    nearest = _nearest(points, centres)
    for _ in range(rounds - 1):
        size = nearest.sum(0)[:, None]
        centres = torch.where(size > 0, nearest.T @ points / size.clamp_min(1), centres)
        nearest = _nearest(points, centres)
    return nearest


def _nearest(points: Tensor, centres: Tensor) -> Tensor:
    return F.one_hot(torch.cdist(points, centres).argmin(1), len(centres)).to(points)


def _maximised(points: Tensor, variances: Tensor, share: Tensor) -> Mixture:
    """Return the mixture that fits best when each point counts to the components by these shares (N, K)."""
    size = share.sum(0) + 1e-6
    weight = size / size.sum()
    means = share.T @ points / size[:, None]
    second = torch.stack([(points * own[:, None]).T @ points for own in share.T]) / size[:, None, None]
    scatter = second - means[:, :, None] * means[:, None, :]
    scatter = scatter + torch.diag_embed(share.T @ variances / size[:, None])
    average = (weight[:, None, None] * scatter).sum(0)
    shrunk = (scatter * size[:, None, None] + SHRINKAGE * average) / (size + SHRINKAGE)[:, None, None]
    floor = SMALLEST_VARIANCE * torch.eye(points.shape[1]).to(points)
    return Mixture(weight.log(), means, shrunk + floor)


def _log_densities(mixture: Mixture, points: Tensor, variances: Tensor) -> Tensor:
    """Return the expected log-density of noisy points under each component, (N, K)."""
    columns = []
    for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
        whiten = torch.linalg.inv(torch.linalg.cholesky(covariance))
        distance = ((points - mean) @ whiten.T).square().sum(1) + variances @ whiten.square().sum(0)
        columns.append(whiten.diagonal().log().sum() - 0.5 * distance)
    return torch.stack(columns, 1) - 0.5 * points.shape[1] * math.log(2 * math.pi)


def _factors(covariance: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Approximate covariances (K, E, E) by factor analysis: factors (K, E, R) and standard deviations (K, E).

    `factors @ factors.T + diag(deviations ** 2)` is the likeliest such matrix (Rubin and Thayer 1982).
    """
    values, vectors = torch.linalg.eigh(covariance)
    count = min(count, covariance.shape[1])
    loading = vectors[:, :, -count:] * (0.7 * values[:, None, -count:]).clamp_min(SMALLEST_VARIANCE).sqrt()
    diagonal = covariance.diagonal(dim1=1, dim2=2)
    rest = (diagonal - loading.square().sum(2)).clamp_min(SMALLEST_VARIANCE)
    unit = torch.eye(count).to(covariance)
    for _ in range(FACTOR_ROUNDS):
        beta = torch.linalg.solve(loading @ loading.mT + torch.diag_embed(rest), loading).mT
        across = covariance @ beta.mT
        loading = torch.linalg.solve(unit - beta @ loading + beta @ across, across.mT).mT
        rest = (diagonal - (loading * across).sum(2)).clamp_min(SMALLEST_VARIANCE)
    return loading, rest.sqrt()

"""The mixture of codes: what is fitted, and what the exported prior draws from it."""

from itertools import pairwise

import pytest
import torch

from scorp_train.models.multires.mixture import condition, fit_mixture
from scorp_train.models.multires.networks import Prior

COUNT = 4_000


def draw(seed: int, noise: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Points (N, 4) of two forms, one wide and frequent, one narrow and rare, and their variances; seen with noise."""
    random = torch.Generator().manual_seed(seed)
    rare = torch.rand(COUNT, generator=random) < 0.25
    normal = torch.randn(COUNT, 4, generator=random).double()
    wide = normal * torch.tensor([0.5, 0.5, 0.4, 0.3]) + torch.tensor([-1.0, 0.0, 1.0, 1.0])
    wide[:, 3] += 0.5 * wide[:, 0]
    narrow = normal * torch.tensor([0.3, 0.3, 0.2, 0.2]) + torch.tensor([1.5, 1.0, -1.0, -1.0])
    points = torch.where(rare[:, None], narrow, wide)
    return points, torch.full_like(points, noise**2)


def test_both_forms_are_found_with_their_shares() -> None:
    points, variances = draw(0)
    mixture = fit_mixture(points, variances, 2, torch.Generator().manual_seed(0))
    order = mixture.log_weights.argsort(descending=True)
    assert mixture.log_weights.exp()[order].tolist() == pytest.approx([0.75, 0.25], abs=0.02)
    expected = torch.tensor([[-1.0, 0.0, 1.0, 0.5], [1.5, 1.0, -1.0, -1.0]]).double()
    assert torch.allclose(mixture.means[order], expected, atol=0.06)


def test_uncertain_points_widen_the_mixture_by_their_variance() -> None:
    points, _ = draw(0)
    certain, uncertain = (
        fit_mixture(points, torch.full_like(points, variance), 1, torch.Generator().manual_seed(0))
        for variance in (0.0, 0.25)
    )
    difference = uncertain.covariances - certain.covariances
    assert torch.allclose(difference[0], 0.25 * torch.eye(4).double(), atol=1e-6)


@pytest.mark.parametrize("count", [1, 10, 40])
def test_few_points_get_few_components(count: int) -> None:
    points, variances = (each[:count] for each in draw(0))
    mixture = fit_mixture(points, variances, 30, torch.Generator().manual_seed(0))
    assert len(mixture.log_weights) == max(1, count // 20)
    assert mixture.covariances.isfinite().all()
    assert (torch.linalg.eigvalsh(mixture.covariances) > 0).all()


def prior(factors: int = 2) -> Prior:
    """A prior whose second class has the mixture above; two dimensions are the style."""
    points, variances = draw(0)
    mixture = fit_mixture(points, variances, 2, torch.Generator().manual_seed(0))
    network = Prior(classes=2, knobs=2, code=2, components=3, factors=factors)
    network.set_class(1, condition(mixture, 2, factors))
    return network


def codes(network: Prior, styles: torch.Tensor, rarity: float = 1.0, seed: int = 0) -> torch.Tensor:
    """Codes (N, 2) for styles in units."""
    count = len(styles)
    noise = torch.randn(count, network.latent, generator=torch.Generator().manual_seed(seed))
    known = torch.cat([torch.round(styles.float() * 64), torch.full((count, 1), 64 * rarity)], 1)
    return network(noise, torch.ones(count, dtype=torch.int64), known) / 64


def test_codes_given_natural_styles_are_distributed_like_those_of_real_images() -> None:
    points, _ = draw(1)
    drawn = codes(prior(), points[:, :2])
    real = points[:, 2:].float()
    assert torch.allclose(drawn.mean(0), real.mean(0), atol=0.08)
    assert torch.allclose(drawn.T.cov(), real.T.cov(), atol=0.1)
    assert (drawn[:, 0] < 0).float().mean().item() == pytest.approx(0.25, abs=0.03)


def test_style_chooses_the_form() -> None:
    network = prior()
    of_rare = codes(network, torch.tensor([[1.5, 1.0]]).expand(1_000, 2))
    of_frequent = codes(network, torch.tensor([[-1.0, 0.0]]).expand(1_000, 2))
    assert (of_rare[:, 0] < 0).float().mean() > 0.98
    assert (of_frequent[:, 0] > 0).float().mean() > 0.98


def test_a_component_that_does_not_exist_is_never_chosen() -> None:
    network = prior()  # two of three components exist
    far = torch.full((2_000, 2), 6.0)
    far[::2] *= -1
    drawn = codes(network, far, rarity=2.0)
    network.means[5] = 100
    network.spreads[5] = 127
    assert torch.equal(codes(network, far, rarity=2.0), drawn)


def test_rarity_scales_from_common_to_unusual_codes() -> None:
    network, between = prior(), torch.tensor([[0.0, 0.4]]).expand(2_000, 2)
    spreads = [codes(network, between, rarity).std(0) for rarity in (0.0, 0.5, 1.0, 2.0)]
    assert all((wider > narrower).all() for narrower, wider in pairwise(spreads))
    assert (codes(network, between, 0.0)[:, 0] < 0).float().mean() < 0.01  # the likeliest form only

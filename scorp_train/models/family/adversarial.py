"""One round of the adversarial game (Goodfellow et al. 2014), as most networks of the family play it."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def play(
    optimizers: Mapping[str, torch.optim.Optimizer],
    discriminator: nn.Module,
    judged: Callable[[Tensor], Tensor],
    real: Tensor,
    generated: Tensor,
    target: Tensor,
) -> dict[str, Tensor]:
    """Updates first the discriminator and then the generator, by binary cross-entropy; returns scalars to log.

    `judged` gives the logits (N, K) that the discriminator answers to pictures. They shall be `target` (N, K) for
    real ones and zeros for generated ones; the generator wants the target for its own (the non-saturating loss).
    An answer is right if the sigmoid of the logit that was due is above a half; to a generated picture, if none is.
    """
    real_logits, fake_logits = judged(real), judged(generated.detach())
    right = F.binary_cross_entropy_with_logits(real_logits, target)
    wrong = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(target))
    discriminator_loss = (right + wrong) / 2
    update(optimizers["discriminator"], discriminator_loss)
    discriminator.requires_grad_(False)
    generator_loss = F.binary_cross_entropy_with_logits(judged(generated), target)
    discriminator.requires_grad_(True)
    update(optimizers["generator"], generator_loss)
    return {
        "discriminator_loss": discriminator_loss.detach(),
        "generator_loss": generator_loss.detach(),
        "accuracy_real": ((real_logits.detach() * target).sum(1) > 0).float().mean(),
        "accuracy_fake": (fake_logits.detach().amax(1) < 0).float().mean(),
    }


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step down the slope of a loss."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()

"""What the default model is rewarded for, piece by piece."""

import torch
import torch.nn.functional as F
from torch import Tensor

from scorp_train.measures.differentiable import styles as measured_styles

from .integer import LEVELS


class _Clamp(torch.autograd.Function):
    """Ink -> 0 ... 1, whole levels once quantised; outside, a fifth of the gradient leads back in."""

    @staticmethod
    def forward(ctx: object, ink: Tensor, whole: bool) -> Tensor:
        ctx.save_for_backward(ink)  # type: ignore[attr-defined]
        level = ink.clamp(0.0, LEVELS)
        return (torch.round(level) if whole else level) / LEVELS

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> tuple[Tensor, None]:
        (ink,) = ctx.saved_tensors  # type: ignore[attr-defined]
        inside = (ink >= 0.0) & (ink <= LEVELS)
        return torch.where(inside, grads[0], grads[0] * 0.2) / LEVELS, None


def printed(ink: Tensor, whole: bool) -> Tensor:
    """Ink (N, 1, H, W) as grey levels 0 ... 1; whole ones, as the file has them, if `whole`."""
    levels: Tensor = _Clamp.apply(ink, whole)
    return levels


def translated(images: Tensor, reach: int, random: torch.Generator) -> Tensor:
    """The pictures (N, 1, H, W), all moved by the same -reach ... reach pixels along either axis, paper moved in."""
    down, right = torch.randint(0, 2 * reach + 1, (2,), generator=random).tolist()
    height, width = images.shape[2:]
    padded = F.pad(images, (reach, reach, reach, reach))
    return padded[:, :, down : down + height, right : right + width]


def accuracies(own: Tensor, real_logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """How often the discriminator is right: about reality, split at the batch's mean own logit, and about classes."""
    real, fake = own.chunk(2)
    middle = own.mean()
    return {
        "accuracy_real": (real > middle).float().mean(),
        "accuracy_fake": (fake < middle).float().mean(),
        "accuracy_class": (real_logits.argmax(1) == labels).float().mean(),
    }


def style_error(images: Tensor, real: Tensor) -> Tensor:
    """Mean squared difference of measured styles from those of paired real pictures, in their spreads."""
    wanted = measured_styles(real)
    return ((measured_styles(images) - wanted) / wanted.std(0)).clamp(-3.0, 3.0).square().mean()

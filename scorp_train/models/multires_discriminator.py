"""The classifier-style discriminator: a class if the picture is real, all zeros if it is not.

It walks from high to mid to low features and scores each channel by its maximum; a little of the low map's spatial
detail goes along.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
DETAIL = 32


class Discriminator(nn.Module):
    """Pictures float32 (N, 1, 28, 28) in 0 ... 1 -> logits, one per class; it also says how well a style fits."""

    def __init__(self, classes: int, knobs: int, width: int, features: int) -> None:
        super().__init__()
        self.high = nn.ModuleList([nn.Conv2d(1, width, 4, 2, 1), nn.Conv2d(width, width, 3, 1, 1)])
        self.mid = nn.ModuleList(
            [nn.Conv2d(width, 2 * width, 3, 2, 1), nn.Conv2d(2 * width, 2 * width, 3, 1, 1)]
        )
        self.low = nn.ModuleList(
            [nn.Conv2d(2 * width, 3 * width, 3, 2, 1), nn.Conv2d(3 * width, 3 * width, 3, 1, 1)]
        )
        self.detail = nn.Conv2d(3 * width, DETAIL, 1)
        self.features = nn.Linear(6 * width + DETAIL * 16, features)
        self.classify = nn.Linear(features, classes)
        self.style = nn.Linear(knobs, features, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, SLOPE)
                torch.nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, label: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Own logit (N,) of the claimed class and (standardised) style, class logits (N, K), features (N, F)."""
        scores = []
        x = image
        for stage in (self.high, self.mid, self.low):
            for conv in stage:
                x = F.leaky_relu(conv(x), SLOPE, inplace=True)
            scores.append(x.amax((2, 3)))
        scores.append(F.leaky_relu(self.detail(x), SLOPE).flatten(1))
        features = F.leaky_relu(self.features(torch.cat(scores, 1)), SLOPE)
        logits = self.classify(features)
        # Projection (Miyato and Koyama 2018) for the style; the class has logits of its own.
        fit = (features * self.style(style)).sum(1) / math.sqrt(features.shape[1])
        return logits.gather(1, label[:, None])[:, 0] + fit, logits, features

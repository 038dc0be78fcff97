"""The judge's network: five convolutions, an embedding that keeps style as well as class, a linear read-out."""

import torch
from torch import Tensor, nn

FEATURES = 64


def _block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class JudgeNetwork(nn.Module):
    """Pictures float32 (N, 1, 28, 28) in 0 ... 1 -> logits (N, K), features (N, 64)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _block(1, 16), _block(16, 32, 2), _block(32, 48), _block(48, 64, 2), _block(64, 64)
        )
        self.squeeze = _block(64, 16)
        # The pooled half is what a classifier needs; the other keeps where the ink is, so that two sevens of
        # different hands stay apart and a generator without variety shows in the features.
        self.embed = nn.Linear(64 + 16 * 7 * 7, FEATURES)
        self.read = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and features of a batch."""
        maps = self.trunk(images)
        features = self.embed(torch.cat([maps.mean((2, 3)), self.squeeze(maps).flatten(1)], 1))
        return self.read(torch.relu(features)), features


class Decoder(nn.Module):
    """Features (N, 64) -> pictures (N, 1, 28, 28); used in training only, to make the features remember style."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(FEATURES, 384), nn.ReLU(inplace=True), nn.Linear(384, 784))

    def forward(self, features: Tensor) -> Tensor:
        """Pictures from features."""
        images: Tensor = self.layers(features).view(-1, 1, 28, 28)
        return images

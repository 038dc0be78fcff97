"""The judge's network: five convolutions, features that keep style as well as class, and a linear classifier."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

FEATURES = 64


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Return images uint8 (N, H, W) as float32 (N, 1, H, W) in 0 to 1."""
    return torch.from_numpy(images).unsqueeze(1).float().div_(255)


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class JudgeNetwork(nn.Module):
    """Images float32 (N, 1, 28, 28) in 0 to 1 -> logits (N, K), features (N, 64)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _block(1, 16), _block(16, 32, 2), _block(32, 48), _block(48, 64, 2), _block(64, 64)
        )
        self.squeeze = _block(64, 16)
        # The pooled half suffices to classify. The other half keeps where the ink is, so that sevens of different
        # writers stay apart and the features show when a generator lacks variety.
        self.embed = nn.Linear(64 + 16 * 7 * 7, FEATURES)
        self.read = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and features of a batch."""
        maps = self.trunk(images)
        features = self.embed(torch.cat([maps.mean((2, 3)), self.squeeze(maps).flatten(1)], 1))
        return self.read(torch.relu(features)), features


class Decoder(nn.Module):
    """Features (N, 64) -> images (N, 1, 28, 28); used in training only, so that the features keep style."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(FEATURES, 384), nn.ReLU(inplace=True), nn.Linear(384, 784))

    def forward(self, features: Tensor) -> Tensor:
        """Return the images reconstructed from features."""
        images: Tensor = self.layers(features).view(-1, 1, 28, 28)
        return images

"""A virtual dataset for PyTorch. The only module of this package that imports torch."""

from collections.abc import Sequence
from typing import Any

import torch


class TorchImageDataset(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """A map-style dataset: item `i` is a float32 tensor (1, H, W), ink as 1, or (3, H, W), and an int label."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.classes = list(dataset.generator.classes)

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, int]:
        return self.__getitems__([position])[0]

    def __getitems__(self, positions: Sequence[int]) -> list[tuple[torch.Tensor, int]]:
        """Return the items of a batch, drawn together."""
        images, labels = self._dataset.take(positions)
        channels_first = images.transpose(0, 3, 1, 2) if images.ndim == 4 else images[:, None]
        tensors = torch.from_numpy(channels_first).to(torch.float32).div_(255)
        return list(zip(tensors, labels.tolist(), strict=True))

"""A virtual dataset for PyTorch. The only module of this package that imports torch."""

from collections.abc import Sequence
from typing import Any

import torch


class TorchImageDataset(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """A map-style dataset: item `i` is a float32 tensor (1, H, W), ink as 1, and an int label."""

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
        tensors = torch.from_numpy(images).unsqueeze(1).to(torch.float32).div_(255)
        return list(zip(tensors, labels.tolist(), strict=True))

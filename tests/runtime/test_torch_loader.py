"""A DataLoader of PyTorch reads every image once, with any number of workers."""

from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

from scorp_runtime import Effects, Generator

PLAIN: dict[str, Any] = {}
EFFECTS = {
    "writer": 12,
    "effects": Effects(size=20, shift=1, blur=1, noise=2, breaks=1),
    "invert": True,
}


@pytest.mark.parametrize("options", [PLAIN, EFFECTS], ids=["plain", "effects"])
@pytest.mark.parametrize("adapted", [False, True])
def test_any_number_of_workers_returns_the_same_batches(
    generator: Generator, adapted: bool, options: dict[str, Any]
) -> None:
    dataset = generator.dataset("0-9", 210, seed=1, **options)
    images, labels = map(torch.from_numpy, dataset[:])
    expected = images[:, None].float() / 255 if adapted else images
    for workers in (0, 1, 2):
        loader = DataLoader(dataset.torch() if adapted else dataset, batch_size=32, num_workers=workers)
        batches = list(loader)
        assert torch.equal(torch.cat([batch for batch, _ in batches]), expected)
        assert torch.equal(torch.cat([batch for _, batch in batches]), labels)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_workers_of_a_loader_share_hugging_face_rows(generator: Generator, workers: int) -> None:
    rows = generator.dataset("0-9", 50, seed=1).hf(shards=4).select_columns(["index"])
    indices = torch.cat([batch["index"] for batch in DataLoader(rows, batch_size=8, num_workers=workers)])
    assert sorted(indices.tolist()) == list(range(50))

"""A DataLoader of PyTorch reads every image once, with any number of workers."""

from typing import Any

import numpy as np
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


def test_a_classifier_learns_from_a_stream() -> None:
    generator = Generator()
    dataset = generator.dataset("0-9", 10_000, seed=2)
    classifier = torch.nn.Linear(28 * 28, 10)
    optimiser = torch.optim.Adam(classifier.parameters(), 1e-2)
    right = 0
    for step, (images, labels) in enumerate(DataLoader(dataset.torch(), batch_size=500, num_workers=2)):
        drawn = generator.generate("0-9", 500, seed=2, start=500 * step)
        assert np.array_equal((images * 255).round().byte().numpy()[:, 0], drawn.images)
        logits = classifier(images.flatten(1))
        right += int((logits.argmax(1) == labels).sum()) if step >= 10 else 0
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimiser.step()
    assert step == 19
    assert right > 3_500  # of the last 5,000, each classified before it was trained on


@pytest.mark.parametrize("workers", [0, 2])
def test_the_workers_of_a_loader_share_hugging_face_rows(generator: Generator, workers: int) -> None:
    rows = generator.dataset("0-9", 50, seed=1).hf(shards=4).select_columns(["index"])
    indices = torch.cat([batch["index"] for batch in DataLoader(rows, batch_size=8, num_workers=workers)])
    assert sorted(indices.tolist()) == list(range(50))

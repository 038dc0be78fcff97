"""A DataLoader of torch reads every picture at its address, once, with any number of workers."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from scorp_runtime import Effects, Generator


@pytest.mark.parametrize("adapted", [False, True])
def test_a_torch_loader_gives_the_same_batches_with_any_number_of_workers(
    generator: Generator, adapted: bool
) -> None:
    dataset = generator.dataset("0-9", 210, seed=1)
    images, labels = dataset[:]
    for workers in (0, 1, 2):
        loader = DataLoader(dataset.torch() if adapted else dataset, batch_size=32, num_workers=workers)
        batches = list(loader)
        seen = torch.cat([batch for batch, _ in batches])
        expected = torch.from_numpy(images)
        assert torch.equal(seen, expected[:, None].float() / 255 if adapted else expected)
        assert torch.cat([batch for _, batch in batches]).tolist() == labels.tolist()


def test_a_classifier_streamed_by_two_workers_sees_every_address_once() -> None:
    generator = Generator()
    dataset = generator.dataset("0-9", 10_000, seed=2)
    classifier = torch.nn.Linear(28 * 28, 10)
    optimiser = torch.optim.Adam(classifier.parameters(), 1e-2)
    right = 0
    for step, (images, labels) in enumerate(DataLoader(dataset.torch(), batch_size=500, num_workers=2)):
        # The very pictures of the next 500 addresses, so none came before and none is left out.
        drawn = generator.generate("0-9", 500, seed=2, start=500 * step)
        assert np.array_equal((images * 255).round().byte().numpy()[:, 0], drawn.images)
        logits = classifier(images.flatten(1))
        right += int((logits.argmax(1) == labels).sum()) if step >= 10 else 0
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimiser.step()
    assert step == 19
    assert right > 3_500  # of the last 5,000, each judged before it was learned from


def test_workers_present_pictures_as_one_process_does(generator: Generator) -> None:
    presented = Effects(size=20, shift=1, blur=1, background=9, noise=2, breaks=1)
    dataset = generator.dataset("0-9", 300, seed=5, start=7, writer=12, effects=presented, invert=True)
    loader = DataLoader(dataset.torch(), batch_size=100, num_workers=2)
    loaded = torch.cat([batch for batch, _ in loader])
    assert torch.equal(loaded, torch.from_numpy(dataset[:][0])[:, None].float() / 255)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_workers_of_a_loader_share_hugging_face_rows(generator: Generator, workers: int) -> None:
    rows = generator.dataset("0-9", 50, seed=1).hf(shards=4).select_columns(["index"])
    indices = torch.cat([batch["index"] for batch in DataLoader(rows, batch_size=8, num_workers=workers)])
    assert sorted(indices.tolist()) == list(range(50))

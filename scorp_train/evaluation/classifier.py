"""The small classifier that a report trains, to learn from images or to tell two kinds apart."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from scorp_train.judge.network import to_tensor

_BATCH = 128
_RATE = 2e-3


def small_cnn(outputs: int) -> nn.Sequential:
    """Return a network of images float32 (N, 1, 28, 28) in 0 to 1 -> logits (N, K)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 96), nn.ReLU(inplace=True), nn.Linear(96, outputs)),
    )


def fit(
    images: NDArray[np.uint8], labels: NDArray[np.int64], outputs: int, steps: int, seed: int
) -> nn.Module:
    """Train on images uint8 (N, 28, 28) for `steps` batches of 128, without augmentation, in one cycle of Adam.

    The result depends only on the arguments, and the global random state does not change. Raises ValueError if there
    are no images.
    """
    if not len(labels):
        raise ValueError("there are no images to learn from")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = small_cnn(outputs)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # pools five times faster
    order = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(network.parameters(), _RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
    network.train()
    queue = np.empty(0, np.int64)
    for _ in range(steps):
        while len(queue) < _BATCH:
            queue = np.concatenate([queue, order.permutation(len(labels))])
        pick, queue = queue[:_BATCH], queue[_BATCH:]
        loss = functional.cross_entropy(network(_planes(images[pick])), torch.from_numpy(labels[pick]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def predict(network: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the logits float32 (N, K) of images uint8 (N, 28, 28)."""
    with torch.inference_mode():
        parts = [
            network(_planes(images[start : start + 500])).numpy() for start in range(0, len(images), 500)
        ]
    logits: NDArray[np.float32] = np.concatenate(parts)
    return logits


def _planes(images: NDArray[np.uint8]) -> Tensor:
    return to_tensor(images).contiguous(memory_format=torch.channels_last)

"""Train a judge once: augmented pictures, one cycle of the learning rate, averaged weights."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from scorp_train.data import Dataset, Split
from scorp_train.data.epoch_order import epoch_order

from .augment import deform
from .network import Decoder, JudgeNetwork

BATCH = 128
RATE = 4e-3
DECAY = 0.02
AVERAGE = 0.999
RECONSTRUCTION = 2.0  # weight of the picture's mean squared error beside the cross entropy


def _pictures(images: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(images).unsqueeze(1).float().div_(255)


def accuracy(network: torch.nn.Module, split: Split) -> float:
    """Share of the split that the network reads right."""
    network.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(split), 500):
            logits, _ = network(_pictures(split.images[start : start + 500]))
            right += int((logits.argmax(1).numpy() == split.labels[start : start + 500]).sum())
    return right / len(split)


def train(dataset: Dataset, epochs: int, seed: int, tell: Callable[[str], None]) -> JudgeNetwork:
    """The averaged network after `epochs` passes over the training split; `tell` gets a line per epoch."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    network = JudgeNetwork(len(dataset.classes)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    decoder = Decoder()
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    parameters = [*network.parameters(), *decoder.parameters()]
    optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=DECAY)
    steps = len(dataset.train) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * steps)
    labels = torch.from_numpy(dataset.train.labels)
    for epoch in range(epochs):
        network.train()
        order = epoch_order(len(labels), dataset.train.weights, random)
        total = torch.zeros(2)
        for step in range(steps):
            pick = order[step * BATCH : (step + 1) * BATCH]
            images = deform(_pictures(dataset.train.images[pick.numpy()]), random)
            logits, features = network(images.to(memory_format=torch.channels_last))
            entropy = functional.cross_entropy(logits, labels[pick])
            error = functional.mse_loss(decoder(features), images)
            optimizer.zero_grad()
            (entropy + RECONSTRUCTION * error).backward()
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            total += torch.stack([entropy.detach(), error.detach()])
        entropy_mean, error_mean = (total / steps).tolist()
        tell(f"epoch {epoch + 1}/{epochs}: cross entropy {entropy_mean:.4f}, reconstruction {error_mean:.4f}")
    undeformed = (_pictures(dataset.train.images[i : i + 500]) for i in range(0, len(labels), 500))
    update_bn(undeformed, average)
    averaged = average.module
    assert isinstance(averaged, JudgeNetwork)
    return averaged.eval()

"""Train a judge: augmented images, one cycle of the learning rate, averaged weights."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from scorp_train.data import Dataset, Split
from scorp_train.data.epoch_order import epoch_order

from .augment import deform
from .network import Decoder, JudgeNetwork, to_tensor

BATCH = 128
RATE = 4e-3
DECAY = 0.02
AVERAGE = 0.999
RECONSTRUCTION = 2.0  # weight of the image's mean squared error, relative to the cross-entropy


def train(dataset: Dataset, epochs: int, seed: int, log: Callable[[str], None]) -> JudgeNetwork:
    """Return the averaged network after `epochs` passes over the training split; `log` gets a line per epoch."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    network = JudgeNetwork(len(dataset.classes)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    decoder = Decoder()
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    parameters = [*network.parameters(), *decoder.parameters()]
    optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=DECAY)
    steps = len(dataset.train) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * steps)
    labels, weights = torch.from_numpy(dataset.train.labels), _even_weights(dataset.train)
    for epoch in range(epochs):
        network.train()
        order = epoch_order(len(labels), weights, random)
        total = torch.zeros(2)
        for step in range(steps):
            pick = order[step * BATCH : (step + 1) * BATCH]
            images = deform(to_tensor(dataset.train.images[pick.numpy()]), random)
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
        log(f"epoch {epoch + 1}/{epochs}: cross-entropy {entropy_mean:.4f}, reconstruction {error_mean:.4f}")
    undeformed = (to_tensor(dataset.train.images[i : i + 500]) for i in range(0, len(labels), 500))
    update_bn(undeformed, average)
    averaged = average.module
    assert isinstance(averaged, JudgeNetwork)
    return averaged.eval()


def _even_weights(train: Split) -> NDArray[np.float64] | None:
    """Return weights that show all classes equally often, because a judge must not prefer any; None if all are 1."""
    if train.weights is None:
        return None
    shown = np.bincount(train.labels, train.weights)
    even: NDArray[np.float64] = np.divide(train.weights, shown[train.labels])
    return even

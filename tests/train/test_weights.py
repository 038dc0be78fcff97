"""Weights decide how often a training uses each image; rare styles have larger weights."""

import numpy as np
import torch

from scorp_runtime import Generator
from scorp_train.data import Dataset, Split
from scorp_train.data.epoch_order import epoch_order
from scorp_train.training.randomness import Purpose, generator_for
from scorp_train.training.style_prior import measured_prior


def order(weights: np.ndarray | None, epoch: int = 0) -> torch.Tensor:
    return epoch_order(3000, weights, generator_for(5, Purpose.ORDER, epoch))


def test_without_weights_every_image_is_used_once() -> None:
    assert sorted(order(None).tolist()) == list(range(3000))


def test_weights_are_frequencies() -> None:
    weights = np.where(np.arange(3000) < 1000, 8.0, 1.0)
    seen = order(weights)
    assert len(seen) == 3000
    assert 0.77 < (seen < 1000).float().mean() < 0.83  # four fifths
    assert len(seen.unique()) > 1200


def test_seed_and_epoch_decide_the_order() -> None:
    weights = np.linspace(1, 2, 3000)
    assert torch.equal(order(weights, 3), order(weights, 3))
    assert not torch.equal(order(weights, 3), order(weights, 4))


def test_rare_styles_have_three_times_the_weight() -> None:
    batch = Generator().generate("1,7", 400, seed=3)
    split = Split(batch.images, (batch.labels == 7).astype(np.int64))
    prior = measured_prior(Dataset("two", ("1", "7"), split, split, "none"))
    for label in (0, 1):
        own = split.labels == label
        slants = prior.styles[own, [knob.name for knob in prior.knobs].index("slant")]
        weights = prior.weights[own]
        assert weights[slants.argmin()] == weights[slants.argmax()] == 3.0
        assert 0.75 < (weights == 1.0).mean() < 0.95


def test_attributes_of_a_dataset_become_knobs() -> None:
    batch = Generator().generate("1,7", 400, seed=3)
    labels = (batch.labels == 7).astype(np.int64)
    extent = np.where(labels == 1, 0.5, 1.0).astype(np.float32) + np.linspace(0, 0.1, 400, dtype=np.float32)
    split = Split(batch.images, labels, attributes={"extent": extent})
    prior = measured_prior(Dataset("two", ("1", "7"), split, split, "none"))
    assert [knob.name for knob in prior.knobs] == ["thickness", "slant", "width", "extent"]
    assert np.array_equal(prior.styles[:, 3], extent)
    assert 0.5 <= min(prior.natural["7"].quantiles[3]) < max(prior.natural["7"].quantiles[3]) <= 0.6

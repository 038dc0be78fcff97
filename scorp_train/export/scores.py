"""The few scores that every export measures and carries; `scorp-eval` measures the rest."""

import numpy as np
import torch
from torch import nn

from scorp_train.data import Dataset
from scorp_train.measures.style import STYLE_NAMES, measure_styles
from scorp_train.natural_styles import NaturalStyles
from scorp_train.randomness import Purpose, generator_for

COUNT = 5_000
BLOCK = 500


def measure_scores(
    picture: nn.Module, dataset: Dataset, styles: NaturalStyles, latent: int
) -> dict[str, float]:
    """Mean error of each knob, asked styles against measured ones, on pictures of natural labels and styles."""
    random = generator_for(0, Purpose.SAMPLES)
    pick = torch.randint(len(dataset.train), (min(COUNT, len(dataset.train)),), generator=random).numpy()
    noise = torch.randn(len(pick), latent, generator=random)
    label, style = torch.from_numpy(dataset.train.labels[pick]), torch.from_numpy(styles.styles[pick])
    with torch.no_grad():
        blocks = [
            picture(noise[i : i + BLOCK], label[i : i + BLOCK], style[i : i + BLOCK]).numpy()
            for i in range(0, len(pick), BLOCK)
        ]
    measured = measure_styles(np.concatenate(blocks))
    scores = {}
    for column, knob in enumerate(styles.knobs):
        error = np.abs(measured[:, STYLE_NAMES.index(knob.name)] - style[:, column].numpy())
        scores[f"{knob.name}_error_{knob.unit}"] = round(float(np.nanmean(error)), 4)
    return scores

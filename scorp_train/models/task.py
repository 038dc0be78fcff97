"""What a network is asked to learn, and what it gets to learn from."""

from dataclasses import dataclass

from torch import Tensor

from scorp_runtime.knobs import Knob


@dataclass(frozen=True)
class Task:
    """The classes and knobs of the data, its natural styles (one value per knob), and the length of the training."""

    classes: tuple[str, ...]
    knobs: tuple[Knob, ...]
    style_centre: tuple[float, ...]
    style_spread: tuple[float, ...]
    side: int
    steps: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Real pictures: `images` float32 (N, 1, H, W) in 0 ... 1, `labels` int64 (N,), `styles` float32 (N, S)."""

    images: Tensor
    labels: Tensor
    styles: Tensor

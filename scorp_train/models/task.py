"""What a network is asked to learn, what it gets to learn from, and what it can be told afterwards."""

from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from scorp_runtime.sampling.knobs import Knob


class Told(Enum):
    """What decides a model's pictures beside the noise."""

    CLASS_AND_STYLE = "class and style"
    CLASS = "class"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Task:
    """The classes and knobs that the model can be told, their natural styles (one value per knob), and the length.

    A model that can be told nothing has the one class `any`, and no knobs.
    """

    classes: tuple[str, ...]
    knobs: tuple[Knob, ...]
    style_centre: tuple[float, ...]
    style_spread: tuple[float, ...]
    side: int
    steps: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Real pictures: `images` float32 (N, 1, H, W) in 0 ... 1, `labels` int64 (N,), `styles` float32 (N, S).

    Labels count into the classes of the data set, also for a model that cannot be told them.
    """

    images: Tensor
    labels: Tensor
    styles: Tensor

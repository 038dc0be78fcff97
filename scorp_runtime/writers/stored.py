"""What is read back of one picture in a dataset."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One picture as a file holds it; None is what the format does not hold.

    Attributes:
        where: the file and, within it, the entry or row, for messages.
        image: uint8 (H, W).
        label: position in the class list.
        seed: of the picture.
        index: of the picture within the seed.
        styles: one value per knob, in order.
        writer: whose hand it is.
    """

    where: str
    image: npt.NDArray[np.generic]
    label: int
    seed: int | None = None
    index: int | None = None
    styles: tuple[float, ...] | None = None
    writer: int | None = None

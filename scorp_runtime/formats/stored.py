"""What is read back of one picture or page in a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One picture or page as a file holds it.

    Attributes:
        where: the file and, within it, the entry or row, for messages.
        image: uint8 (H, W).
        said: what the format holds of `Sample.said`.
    """

    where: str
    image: npt.NDArray[np.generic]
    said: Mapping[str, Any]

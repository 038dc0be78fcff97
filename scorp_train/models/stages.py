"""A training in stages: which one a step belongs to, and the learning rates within it. All follow from the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A step's stage, its number within the stage, and the stage's length."""

    stage: str
    step: int
    steps: int


class Stages:
    """Consecutive stages that share the steps of a training; the last one takes what rounding leaves."""

    def __init__(self, steps: int, shares: Mapping[str, float]) -> None:
        """`shares` maps the names of the stages, in order, to their parts of a whole."""
        total, ends, done = sum(shares.values()), [], 0.0
        for share in shares.values():
            done += share
            ends.append(round(steps * done / total))
        self._names: Sequence[str] = tuple(shares)
        self._ends: Sequence[int] = ends

    def place(self, step: int) -> Place:
        """Where a step is; a step past the end counts to the last stage."""
        begin = 0
        for name, end in zip(self._names, self._ends, strict=True):
            if step < end:
                return Place(name, step - begin, end - begin)
            begin = end if name != self._names[-1] else begin
        return Place(self._names[-1], step - begin, self._ends[-1] - begin)


def rate(place: Place, warmup: int, decay_share: float, final_share: float) -> float:
    """The share of the full learning rate: up over `warmup` steps, constant, down over the last `decay_share`."""
    warm = min(1.0, (place.step + 1) / max(1, warmup))
    left = (1.0 - place.step / max(1, place.steps)) / max(decay_share, 1e-9)
    return warm * min(1.0, max(final_share, left))

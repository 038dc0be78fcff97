"""Knobs: the named style inputs of a model, and what a caller may ask of them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import StyleError, shown

from . import philox
from .philox import Place


@dataclass(frozen=True, slots=True)
class Knob:
    """One style input: its values run from `low` to `high` on a grid of `step`, all in `unit`."""

    name: str
    unit: str
    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """A style left to chance within limits: uniform from `low` to `high`, drawn from the sample's address."""

    low: float
    high: float


Asked = float | Uniform | npt.NDArray[np.float64]
"""One value for all, a range, or one value per picture."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})", re.ASCII)
_SINGLE = re.compile(_NUMBER, re.ASCII)


def read_styles(styles: Mapping[str, object], knobs: Sequence[Knob], count: int) -> dict[int, Asked]:
    """Read style arguments against the knobs of a model.

    Args:
        styles: knob name -> number, text (`"3.0"`, `"2..5"`), `Uniform`, a sequence of `count` numbers, or None
            for a knob left open.
        knobs: of the model.
        count: of pictures.

    Returns:
        Position of the knob -> what was asked, in order of position; knobs left open are missing.

    Raises:
        StyleError: for an unknown knob, a value that is no finite number, outside the knob's range, or an array
            of the wrong length.
    """
    if not styles:
        return {}
    names = [knob.name for knob in knobs]
    for name in styles:
        if name not in names:
            raise StyleError(f"the model has no knob {shown(name)}; it has {', '.join(names) or 'none'}")
    return {
        position: _read(styles[knob.name], knob, count)
        for position, knob in enumerate(knobs)
        if styles.get(knob.name) is not None
    }


def asked_values(
    asked: Mapping[int, Asked], seed: int, index: Place, offset: Place, count: int, knobs: Sequence[Knob]
) -> npt.NDArray[np.float64]:
    """Return the asked styles of the samples `index ...`, on their grids; columns left open hold anything.

    Args:
        asked: as `read_styles` returns it.
        seed: of the samples.
        index: address of the first sample, or an array with the address of each.
        offset: likewise their places within the request, where arrays are counted from.
        count: of samples.
        knobs: of the model.

    Returns:
        float64 (count, number of knobs).
    """
    values = np.empty((count, len(knobs)))
    if not asked:
        return values
    values[:] = [knob.low for knob in knobs]
    drawn = any(isinstance(ask, Uniform) for ask in asked.values())
    chance = philox.fractions(seed, index, count, len(knobs) if drawn else 0)
    for position, ask in asked.items():
        if isinstance(ask, Uniform):
            values[:, position] = ask.low + (ask.high - ask.low) * chance[:, position]
        elif isinstance(ask, np.ndarray):
            values[:, position] = philox.entries(ask, offset, count)
        else:
            values[:, position] = ask
    return Grid.of(knobs).nearest(values)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The values that knobs can have: `low`, `high` and `step` are float64 (S,), one number per knob."""

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]

    @classmethod
    def of(cls, knobs: Sequence[Knob]) -> "Grid":
        """Return the grid of these knobs."""
        return cls(*(np.array([getattr(knob, end) for knob in knobs]) for end in ("low", "high", "step")))

    def nearest(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Clip styles to the knobs' ranges and round them to their steps, halves up: float64 (N, S)."""
        clipped = np.minimum(np.maximum(values, self.low), self.high)
        gridded: npt.NDArray[np.float64] = np.floor(clipped / self.step + 0.5) * self.step
        return gridded


def _read(value: object, knob: Knob, count: int) -> Asked:
    if isinstance(value, str):
        value = _read_text(value, knob)
    elif isinstance(value, tuple) and len(value) == 2:
        value = Uniform(*value)
    if isinstance(value, Uniform):
        low, high = (_read_number(end, knob) for end in (value.low, value.high))
        if low > high:
            raise StyleError(f"{knob.name}: the range {low:g}..{high:g} runs backwards")
        return Uniform(low, high)
    if isinstance(value, Sequence) or (isinstance(value, np.ndarray) and value.ndim > 0):
        return _read_array(value, knob, count)
    return _read_number(value, knob)


def _read_text(text: str, knob: Knob) -> float | Uniform:
    if single := _SINGLE.fullmatch(text):
        return float(single[0])
    if ends := _RANGE.fullmatch(text):
        return Uniform(float(ends[1]), float(ends[2]))
    raise StyleError(f"{knob.name}: {shown(text)} is neither a number nor a range such as {_span(knob)}")


def _read_number(value: object, knob: Knob) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, float | int | np.floating | np.integer):
        raise StyleError(f"{knob.name}: {shown(value)} is not a number of {knob.unit}")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond every float
        number = math.inf
    _check_range(np.array([number]), knob)
    return number


def _read_array(value: object, knob: Knob, count: int) -> npt.NDArray[np.float64]:
    try:
        array = np.asarray(value)
    except (ValueError, MemoryError):  # rows of different lengths, or a huge range
        array = np.empty(0, object)
    if array.dtype.kind not in "fiu" or array.ndim != 1:
        raise StyleError(f"{knob.name}: an array of styles holds one number per picture")
    if len(array) != count:
        raise StyleError(f"{knob.name}: {len(array)} values, but the count is {count}")
    values = array.astype(np.float64)
    _check_range(values, knob)
    values.flags.writeable = False  # a request never changes
    return values


def _check_range(values: npt.NDArray[np.float64], knob: Knob) -> None:
    outside = ~((values >= knob.low) & (values <= knob.high))  # so that NaN is outside
    if outside.any():
        value = float(values[outside][0])
        shown = f"{value:.12g}" if math.isfinite(value) else str(value)
        raise StyleError(f"{knob.name} {shown} is outside {_span(knob)} {knob.unit}")


def _span(knob: Knob) -> str:
    return f"{knob.low:.17g}..{knob.high:.17g}"

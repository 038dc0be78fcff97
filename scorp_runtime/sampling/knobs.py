"""Knobs: the named style inputs of a model, and the values that a request gives them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import StyleError, short_repr

from . import philox
from .philox import Indices


@dataclass(frozen=True, slots=True)
class Knob:
    """A style input with values from `low` to `high` in multiples of `step`, all in `unit`.

    Example:
        >>> Generator().knobs[1].name, Generator().knobs[1].unit
        ('slant', 'degrees')
    """

    name: str
    unit: str
    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """A random style, uniform from `low` to `high`, that depends on seed and index.

    Example:
        >>> batch = Generator().generate("7", 100, seed=1, slant=Uniform(-5, 5))
        >>> float(batch.styles[:, 1].min()), float(batch.styles[:, 1].max())
        (-5.0, 5.0)
    """

    low: float
    high: float


LINE_FORM = ("extent", "rise")
"""Knobs of models that draw all characters equally large: longer side and lower edge of the ink in a line of text.

Both are in heights of a capital; the lower edge counts from the baseline up.
"""

StyleValue = float | Uniform | npt.NDArray[np.float64]
"""One value for all images, a range, or one value per image."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})", re.ASCII)
_SINGLE = re.compile(_NUMBER, re.ASCII)


def read_styles(styles: Mapping[str, object], knobs: Sequence[Knob], count: int) -> dict[int, StyleValue]:
    """Read the style arguments of a request for `count` images, as `Generator.generate` describes them.

    Returns a value for the position of each knob that is set, in order of position; raises `StyleError`.
    """
    names = [knob.name for knob in knobs]
    for name in styles:
        if name not in names:
            raise StyleError(f"the model has no knob {short_repr(name)}; it has {', '.join(names) or 'none'}")
    return {
        position: _read(styles[knob.name], knob, count)
        for position, knob in enumerate(knobs)
        if styles.get(knob.name) is not None
    }


def requested_styles(
    styles: Mapping[int, StyleValue],
    seed: int,
    index: Indices,
    offset: Indices,
    count: int,
    knobs: Sequence[Knob],
) -> npt.NDArray[np.float64]:
    """Return the values of the knobs that `read_styles` returned, on their grids: float64 (count, number of knobs).

    Columns of other knobs are undefined. `offset` counts from the start of the request, as do arrays of styles.
    """
    values = np.empty((count, len(knobs)))
    if not styles:
        return values
    values[:] = [knob.low for knob in knobs]
    is_random = any(isinstance(value, Uniform) for value in styles.values())
    fractions = philox.fractions(seed, index, count, len(knobs) if is_random else 0)
    for position, value in styles.items():
        if isinstance(value, Uniform):
            values[:, position] = value.low + (value.high - value.low) * fractions[:, position]
        elif isinstance(value, np.ndarray):
            values[:, position] = philox.take(value, offset, count)
        else:
            values[:, position] = value
    return Grid.of(knobs).nearest(values)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The possible values of knobs: `low`, `high` and `step` are float64 (S,), a number per knob."""

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]

    @classmethod
    def of(cls, knobs: Sequence[Knob]) -> "Grid":
        """Return the grid of these knobs."""
        return cls(*(np.array([getattr(knob, end) for knob in knobs]) for end in ("low", "high", "step")))

    def nearest(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Clip values (N, S) to the knobs' ranges and round them to their steps, halves up."""
        clipped = np.minimum(np.maximum(values, self.low), self.high)
        gridded: npt.NDArray[np.float64] = np.floor(clipped / self.step + 0.5) * self.step
        return gridded


def _read(value: object, knob: Knob, count: int) -> StyleValue:
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
    raise StyleError(f"{knob.name}: {short_repr(text)} is neither a number nor a range such as {_span(knob)}")


def _read_number(value: object, knob: Knob) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, float | int | np.floating | np.integer):
        raise StyleError(
            f"{knob.name}: {short_repr(value)} is not a number{knob.unit and f' of {knob.unit}'}"
        )
    try:
        number = float(value)
    except OverflowError:  # an integer that is too large for a float
        number = math.inf
    _check_range(np.array([number]), knob)
    return number


def _read_array(value: object, knob: Knob, count: int) -> npt.NDArray[np.float64]:
    try:
        array = np.asarray(value)
    except (ValueError, MemoryError):  # rows of different lengths, or a huge range
        array = np.empty(0, object)
    if array.dtype.kind not in "fiu" or array.ndim != 1:
        raise StyleError(f"{knob.name}: an array of styles must hold one number per image")
    if len(array) != count:
        raise StyleError(f"{knob.name}: {len(array)} values, but the count is {count}")
    values = array.astype(np.float64)
    _check_range(values, knob)
    values.flags.writeable = False  # a request does not change
    return values


def _check_range(values: npt.NDArray[np.float64], knob: Knob) -> None:
    outside = ~((values >= knob.low) & (values <= knob.high))  # so that NaN is outside
    if outside.any():
        value = float(values[outside][0])
        text = f"{value:.12g}" if math.isfinite(value) else str(value)
        raise StyleError(f"{knob.name} {text} is outside {_span(knob)} {knob.unit}".rstrip())


def _span(knob: Knob) -> str:
    return f"{knob.low:.17g}..{knob.high:.17g}"

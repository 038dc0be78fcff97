"""Natural styles: how the knobs that a caller leaves open follow the asked class and the knobs that were set.

Each class has a Gaussian copula (Sklar 1959): a correlation matrix of normal scores, and for every knob its values
at thirteen scores. Open knobs are drawn conditionally on the others. `docs/model-format.md`, section 4, is the
specification; sums run in the order written there, never through a matrix product, so that every machine
draws the same styles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import writer as hand
from .address import Purpose
from .knobs import Knob, on_grid

FLOATS = npt.NDArray[np.float64]

SCORES = tuple(number / 2 for number in range(-6, 7))
"""The normal scores, -3 ... 3, at which the values of a knob are known."""

_PIECES = len(SCORES) - 1
_SMALLEST_PIVOT = 1e-9


@dataclass(frozen=True, slots=True)
class Natural:
    """The natural styles of one class.

    `correlation` is S x S, of normal scores; `quantiles` are S rows, the knob's values at `SCORES`.
    """

    correlation: tuple[tuple[float, ...], ...]
    quantiles: tuple[tuple[float, ...], ...]


class NaturalStyles:
    """Draws the styles of samples, for all the classes of a model."""

    def __init__(self, knobs: Sequence[Knob], natural: Sequence[Natural]) -> None:
        self._knobs = tuple(knobs)
        self._natural = tuple(natural)
        self._quantiles = np.array([of_class.quantiles for of_class in natural])
        self._factors: dict[tuple[int, ...], FLOATS] = {}

    def complete(
        self,
        values: FLOATS,
        given: Sequence[int],
        labels: npt.NDArray[np.int64],
        seed: int,
        index: int,
        writer: int | None = None,
    ) -> FLOATS:
        """Fill the open columns of `values`, for the samples `index ...`.

        Args:
            values: float64 (N, S), on their grids; only the columns in `given` count.
            given: positions of the knobs that the caller set, ascending.
            labels: int64 (N,).
            seed: of the samples.
            index: address of the first sample.
            writer: whose style the open knobs follow; None for nobody's.

        Returns:
            float64 (N, S), on their grids.
        """
        size = len(self._knobs)
        if len(given) == size or len(labels) == 0:
            return values
        order = [*given, *(knob for knob in range(size) if knob not in given)]
        factor = self._factor(order)[labels]
        drawn = hand.normals(writer, seed, Purpose.STYLE, index, len(labels), size)
        gauss = drawn.astype(np.float64)
        parts: list[FLOATS] = []  # uncorrelated normal numbers, one column per knob in `order`
        completed = values.copy()
        for row, knob in enumerate(order):
            quantiles = self._quantiles[labels, knob]
            known = _sum_of_products(factor[:, row], parts)
            if row < len(given):
                rest, pivot = scores(values[:, knob], quantiles) - known, factor[:, row, row]
                parts.append(np.divide(rest, pivot, out=np.zeros_like(rest), where=pivot > 0))
            else:
                parts.append(gauss[:, knob])
                completed[:, knob] = interpolate(known + factor[:, row, row] * parts[row], quantiles)
        return on_grid(completed, self._knobs)

    def _factor(self, order: Sequence[int]) -> FLOATS:
        """Return the Cholesky factor of every class, its knobs in this order: float64 (K, S, S)."""
        key = tuple(order)
        if key not in self._factors:
            matrices = (
                [[of_class.correlation[row][column] for column in order] for row in order]
                for of_class in self._natural
            )
            self._factors[key] = np.array([cholesky(matrix) for matrix in matrices])
        return self._factors[key]


def cholesky(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the lower factor of a correlation matrix; a pivot below 1e-9 counts as 0, and so does its column."""
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for column in range(size):
        for row in range(column, size):
            rest = matrix[row][column]
            for k in range(column):
                rest -= factor[row][k] * factor[column][k]
            if row == column:
                factor[row][column] = math.sqrt(rest) if rest >= _SMALLEST_PIVOT else 0.0
            elif factor[column][column] > 0.0:
                factor[row][column] = rest / factor[column][column]
    return factor


def interpolate(score: FLOATS, quantiles: FLOATS) -> FLOATS:
    """Return the values at normal scores: linear between the known ones, constant outside.

    Args:
        score: float64 (N,).
        quantiles: float64 (N, 13), the knob's values for the class of each sample.
    """
    place = (np.clip(score, SCORES[0], SCORES[-1]) - SCORES[0]) * 2.0
    piece = np.minimum(place.astype(np.int64), _PIECES - 1)
    rows = np.arange(len(score))
    left, right = quantiles[rows, piece], quantiles[rows, piece + 1]
    value: FLOATS = left + (right - left) * (place - piece)
    return value


def scores(value: FLOATS, quantiles: FLOATS) -> FLOATS:
    """Return the normal scores of values: the inverse of `interpolate`, within -3 ... 3.

    In a flat piece, where many scores have the value, it is their middle.
    """
    below = (quantiles < value[:, None]).sum(axis=1)
    upto = (quantiles <= value[:, None]).sum(axis=1)
    known = np.array(SCORES)
    rows = np.arange(len(value))
    right = np.clip(below, 1, _PIECES)
    low, high = quantiles[rows, right - 1], quantiles[rows, right]
    rise = np.where(high > low, high - low, 1.0)
    between = known[right - 1] + 0.5 * (np.clip(value, low, high) - low) / rise
    on_knots = 0.5 * (known[np.minimum(below, _PIECES)] + known[np.maximum(upto - 1, 0)])
    beyond = np.where(below > _PIECES, SCORES[-1], between)
    score: FLOATS = np.where(upto > below, on_knots, beyond)
    return score


def _sum_of_products(row: FLOATS, parts: Sequence[FLOATS]) -> FLOATS:
    total = np.zeros(len(row))
    for column, part in enumerate(parts):
        total = total + row[:, column] * part
    return total

"""Natural styles: how the knobs that a caller leaves open follow the asked class and the knobs that were set.

Each class has a Gaussian copula (Sklar 1959): a correlation matrix of normal scores, and for every knob its values
at thirteen scores. Open knobs are drawn conditionally on the others. `docs/model-format.md`, section 4, is the
specification; sums run in the order written there, never through a matrix product, so that every machine
draws the same styles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import writer as hand
from .knobs import Grid, Knob
from .philox import Indices, Purpose

FLOATS = npt.NDArray[np.float64]

SCORES = tuple(number / 2 for number in range(-6, 7))
"""The normal scores, -3 ... 3, at which the values of a knob are known."""

_PIECES = len(SCORES) - 1
_SMALLEST_PIVOT = 1e-9


@dataclass(frozen=True, slots=True)
class ClassPrior:
    """The natural styles of one class.

    `correlation` is S x S, of normal scores; `quantiles` are S rows, the knob's values at `SCORES`.
    """

    correlation: tuple[tuple[float, ...], ...]
    quantiles: tuple[tuple[float, ...], ...]


class _Plain(NamedTuple):
    """What draws a knob of one class in plain Python: its row of the Cholesky factor, its curve and its grid."""

    weights: Sequence[float]
    values: Sequence[float]
    rises: Sequence[float]
    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """Tables for requests that set the same knobs: those knobs first, the open ones after.

    Attributes:
        given: positions of the knobs that were set.
        open: positions of the others.
        plain: of every class, its knobs in this order.
        factor: Cholesky factors as float64 (K, S, S), likewise.
        quantiles: float64 (K, S, 13), likewise.
        curves: of the open knobs.
        grid: of the open knobs.
    """

    given: list[int]
    open: list[int]
    plain: list[list[_Plain]]
    factor: FLOATS
    quantiles: FLOATS
    curves: "Curves"
    grid: Grid


class StylePrior:
    """Draws the styles of samples, for all the classes of a model."""

    def __init__(self, knobs: Sequence[Knob], natural: Sequence[ClassPrior]) -> None:
        self._knobs = tuple(knobs)
        self._natural = tuple(natural)
        self._orders: dict[tuple[int, ...], _Order] = {}

    def complete(
        self,
        values: FLOATS,
        given: Sequence[int],
        labels: npt.NDArray[np.int64],
        seed: int,
        index: Indices,
        writer: int | None = None,
    ) -> FLOATS:
        """Fill the open columns of `values`, for the samples `index ...`.

        Args:
            values: float64 (N, S), on their grids; only the columns in `given` count.
            given: positions of the knobs that the caller set, ascending.
            labels: int64 (N,).
            seed: of the samples.
            index: address of the first sample, or an array with the address of each.
            writer: whose style the open knobs follow; None for nobody's.

        Returns:
            float64 (N, S), on their grids.
        """
        size = len(self._knobs)
        if len(given) == size or len(labels) == 0:
            return values
        order = self._order(given)
        if not given and len(labels) == 1:
            gauss = hand.normals_of_one(writer, seed, Purpose.STYLE, index, size)
            return np.array([_draw_one(order.plain[labels.item()], gauss)])
        factor = order.factor[labels]
        drawn = hand.normals(writer, seed, Purpose.STYLE, index, len(labels), size)
        parts = drawn.astype(np.float64)
        if not given:
            return order.grid.nearest(order.curves.at(_sums_of_products(factor, parts[:, None]), labels))
        uncorrelated = parts[:, order.given + order.open]
        for row, knob in enumerate(order.given):
            known = _sums_of_products(factor[:, row, :row], uncorrelated[:, :row])
            rest = scores(values[:, knob], order.quantiles[labels, row]) - known
            pivot = factor[:, row, row]
            uncorrelated[:, row] = np.divide(rest, pivot, out=np.zeros_like(rest), where=pivot > 0)
        score = _sums_of_products(factor[:, len(given) :], uncorrelated[:, None])
        completed = values.copy()
        completed[:, order.open] = order.grid.nearest(order.curves.at(score, labels))
        return completed

    def _order(self, given: Sequence[int]) -> _Order:
        key = tuple(given)
        if key not in self._orders:
            rest = [knob for knob in range(len(self._knobs)) if knob not in key]
            order = [*key, *rest]
            matrices = (
                [[of_class.correlation[row][column] for column in order] for row in order]
                for of_class in self._natural
            )
            rows = [cholesky(matrix) for matrix in matrices]
            knobs = [self._knobs[knob] for knob in order]
            quantiles = np.array([[of_class.quantiles[k] for k in order] for of_class in self._natural])
            self._orders[key] = _Order(
                given=list(key),
                open=rest,
                plain=[
                    list(map(_plain, knobs, factor, curves))
                    for factor, curves in zip(rows, quantiles.tolist(), strict=True)
                ],
                factor=np.array(rows),
                quantiles=quantiles,
                curves=Curves(quantiles[:, len(key) :]),
                grid=Grid.of(knobs[len(key) :]),
            )
        return self._orders[key]


def _plain(knob: Knob, weights: Sequence[float], quantiles: Sequence[float]) -> _Plain:
    rises = [right - left for left, right in pairwise(quantiles)]
    return _Plain(weights, quantiles, rises, knob.low, knob.high, knob.step)


def _draw_one(knobs: Sequence[_Plain], gauss: Sequence[float]) -> list[float]:
    """Draw all knobs of one sample in plain Python: so few numbers take NumPy three times as long."""
    styles: list[float] = []
    for weights, values, rises, low, high, step in knobs:
        score = 0.0
        for weight, part in zip(weights, gauss, strict=True):
            score += weight * part
        place = (min(max(score, SCORES[0]), SCORES[-1]) - SCORES[0]) * 2.0
        piece = min(int(place), _PIECES - 1)
        value = min(max(values[piece] + rises[piece] * (place - piece), low), high)
        styles.append(math.floor(value / step + 0.5) * step)
    return styles


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


class Curves:
    """The values of knobs at any normal score: linear between the known ones, constant outside.

    Args:
        quantiles: float64 (K, S, 13), for every class and knob.
    """

    def __init__(self, quantiles: FLOATS) -> None:
        self._left = quantiles.ravel()
        self._rise = np.diff(quantiles, append=quantiles[..., -1:]).ravel()
        self._first = np.arange(0, quantiles.size, len(SCORES)).reshape(quantiles.shape[:2])

    def at(self, score: FLOATS, labels: npt.NDArray[np.int64]) -> FLOATS:
        """Return the values at scores (N, S) for the classes of N samples: float64 (N, S)."""
        place = (np.minimum(np.maximum(score, SCORES[0]), SCORES[-1]) - SCORES[0]) * 2.0
        piece = np.minimum(place.astype(np.int64), _PIECES - 1)
        known = self._first[labels] + piece
        value: FLOATS = self._left.take(known) + self._rise.take(known) * (place - piece)
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


def _sums_of_products(rows: FLOATS, parts: FLOATS) -> FLOATS:
    """Sum products along the last axis, from its first to its last entry; a sum of none is 0."""
    if rows.shape[-1] == 0:
        return np.zeros(rows.shape[:-1])
    sums: FLOATS = np.add.accumulate(rows * parts, axis=-1)[..., -1]
    return sums

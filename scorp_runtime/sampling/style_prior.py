"""The natural distribution of styles: draws the knobs that a request leaves open, given the class and the other knobs.

Each class has a Gaussian copula (Sklar 1959): a correlation matrix of normal scores, and the values of each knob at
thirteen scores. `docs/reference/model-format.md`, section 4, is the specification. Sums run in the order written there
and never use a matrix product, so that every machine draws the same styles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import writer as writers
from .knobs import Grid, Knob
from .philox import Indices, Purpose

FLOATS = npt.NDArray[np.float64]

SCORES = tuple(number / 2 for number in range(-6, 7))
"""The normal scores, -3 to 3, at which the values of a knob are known."""

_PIECES = len(SCORES) - 1
_SMALLEST_PIVOT = 1e-9


@dataclass(frozen=True, slots=True)
class ClassPrior:
    """The distribution of the S knobs of one class.

    `correlation` is S x S, of normal scores; `quantiles` has S rows, the values of a knob at `SCORES`.
    """

    correlation: tuple[tuple[float, ...], ...]
    quantiles: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """Tables for requests that set certain knobs, in an order that puts the set knobs first."""

    given: list[int]  # positions of the knobs that are set
    open: list[int]  # positions of the others
    factor: FLOATS  # Cholesky factors of the K classes, (K, S, S)
    quantiles: FLOATS  # (K, S, 13)
    curves: "Curves"  # of the open knobs
    grid: Grid  # of the open knobs


class StylePrior:
    """Draws the open knobs of samples from the distribution of each class."""

    def __init__(self, knobs: Sequence[Knob], classes: Sequence[ClassPrior]) -> None:
        self._knobs = tuple(knobs)
        self._classes = tuple(classes)
        self._tables: dict[tuple[int, ...], _Tables] = {}
        self._medians: dict[int, tuple[FLOATS, Curves]] = {}

    def complete(
        self,
        values: FLOATS,
        given: Sequence[int],
        labels: npt.NDArray[np.int64],
        seed: int,
        index: Indices,
        writer: int | None = None,
    ) -> FLOATS:
        """Draw the columns of `values`, float64 (N, S), whose positions are not in `given` (ascending)."""
        size = len(self._knobs)
        if len(given) == size or len(labels) == 0:
            return values
        tables = self._tables_for(tuple(given))
        factor = tables.factor[labels]
        drawn = writers.normals(writer, seed, Purpose.STYLE, index, len(labels), size).astype(np.float64)
        if not given:  # fast path
            return tables.grid.nearest(tables.curves.at(_sums_of_products(factor, drawn[:, None]), labels))
        uncorrelated = drawn[:, tables.given + tables.open]
        for row, knob in enumerate(tables.given):
            known = _sums_of_products(factor[:, row, :row], uncorrelated[:, :row])
            rest = scores(values[:, knob], tables.quantiles[labels, row]) - known
            pivot = factor[:, row, row]
            uncorrelated[:, row] = np.divide(rest, pivot, out=np.zeros_like(rest), where=pivot > 0)
        score = _sums_of_products(factor[:, len(given) :], uncorrelated[:, None])
        completed = values.copy()
        completed[:, tables.open] = tables.grid.nearest(tables.curves.at(score, labels))
        return completed

    def for_classes(self, values: FLOATS, knob: int, labels: npt.NDArray[np.int64]) -> FLOATS:
        """Return, for each label, the value that is as unusual for its class as a value (N,) is for a median class.

        The median class has, at each score, the lower median of the classes' values. A knob without variety there keeps
        its values.
        """
        if knob not in self._medians:
            quantiles = np.array([prior.quantiles[knob] for prior in self._classes])
            lower_median = np.sort(quantiles, axis=0)[(len(quantiles) - 1) // 2]
            self._medians[knob] = lower_median, Curves(quantiles[:, None])
        median, curves = self._medians[knob]
        if median[0] == median[-1]:
            return values
        score = scores(values, np.broadcast_to(median, (len(values), len(SCORES))))
        return curves.at(score[:, None], labels)[:, 0]

    def _tables_for(self, given: tuple[int, ...]) -> _Tables:
        if given not in self._tables:
            rest = [knob for knob in range(len(self._knobs)) if knob not in given]
            order = [*given, *rest]
            correlations = (
                [[prior.correlation[row][column] for column in order] for row in order]
                for prior in self._classes
            )
            quantiles = np.array([[prior.quantiles[knob] for knob in order] for prior in self._classes])
            self._tables[given] = _Tables(
                given=list(given),
                open=rest,
                factor=np.array([cholesky(matrix) for matrix in correlations]),
                quantiles=quantiles,
                curves=Curves(quantiles[:, len(given) :]),
                grid=Grid.of([self._knobs[knob] for knob in rest]),
            )
        return self._tables[given]


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
    """Maps normal scores to values, given quantiles (K, S, 13): linear between the known values, constant outside."""

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
    """Return the normal scores, -3 to 3, of values (N,) given quantiles (N, 13): the inverse of `Curves.at`.

    A value that many scores share, because the curve is flat there, has their middle.
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
    """Sum products along the last axis, from the first to the last; an empty sum is 0."""
    if rows.shape[-1] == 0:
        return np.zeros(rows.shape[:-1])
    sums: FLOATS = np.add.accumulate(rows * parts, axis=-1)[..., -1]
    return sums

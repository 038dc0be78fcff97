"""Proves that a graph computes with integers that float32 holds exactly, so every engine draws the same pixels.

The proof follows each tensor through the graph as a range and a grid: all values are multiples of `grid` between `low`
and `high`. A sum or product below 2^24 grid steps is exact in float32, in any order of summation and with or without
fused multiply-add. The proof reads only the finished file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scorp_runtime.model.onnx_reader import Node, OnnxModel
from scorp_train.errors import ExportError

LIMIT = 2.0**24
UINT8 = 2
_MOST_POSITIONS = 2.0**16  # positions are int64, so adding to them never rounds
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Range:
    """Values from `low` to `high`, all multiples of `grid`; grid 0 means any real number.

    The three are float64, one for all () or one per column (C,) of a matrix (N, C). `constant` holds the values
    themselves where they are known. `shape` is that of the rows of a table.
    """

    low: Array
    high: Array
    grid: Array
    constant: Array | None = None
    shape: tuple[int, ...] = ()

    @property
    def bound(self) -> Array:
        """The largest magnitude."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def of_all(self) -> "Range":
        """Return one range for all columns, for operations that move columns."""
        return Range(np.array(self.low.min()), np.array(self.high.max()), np.array(self.grid.min()))


@dataclass(frozen=True)
class Proof:
    """The largest sum of any layer, as a share of what float32 holds exactly, and its tensor."""

    share: float
    tensor: str


def prove(model: OnnxModel) -> Proof:
    """Prove that a model is exact. Raises `ExportError` at the first operation that may not be."""
    return _Walk(model).run()


class _Walk:
    def __init__(self, model: OnnxModel) -> None:
        self.model = model
        self.worst = Proof(0.0, "none")
        self.values = {name: _constant(array) for name, array in model.initialisers.items()}
        for value in model.inputs:
            anything = np.full([size for size in value.shape[1:] if size is not None], np.inf)
            self.values[value.name] = Range(-anything, anything, np.array(float(value.dtype == "int64")))
        self.rules: dict[str, Callable[[Node], Range]] = {
            "Add": self._sum, "Sub": self._sum, "Mul": self._mul, "Div": self._mul,
            "Conv": self._layer, "ConvTranspose": self._layer, "Gemm": self._layer, "MatMul": self._layer,
            "Round": self._whole, "Floor": self._whole, "Clip": self._clip, "Relu": self._relu,
            "Max": self._extreme, "Min": self._extreme, "Concat": self._join, "Cast": self._cast,
            "Constant": self._known, "Identity": self._same, "Transpose": self._transpose, "Gather": self._row,
            "Resize": self._resize, "Reshape": self._moved, "Flatten": self._moved, "Unsqueeze": self._moved,
            "Squeeze": self._moved, "Slice": self._moved, "DepthToSpace": self._moved, "MaxPool": self._moved,
            "ArgMax": self._position,
        }  # fmt: skip

    def run(self) -> Proof:
        for node in self.model.nodes:
            if node.operator not in self.rules:
                raise _UnprovedError(f"{node.operator} has no rule")
            self.values[node.outputs[0]] = self.rules[node.operator](node)
        return self.worst

    def _input(self, node: Node, number: int) -> Range:
        return self.values[node.inputs[number]]

    def _check(self, node: Node, bound: Array, grid: Array) -> None:
        """Record how much of the exact range a result may fill. Raises `ExportError` if it may exceed it."""
        share = float(np.max(bound / grid)) / LIMIT
        if not share < 1.0:
            raise _UnprovedError(f"{node.operator} {node.outputs[0]} may reach {share:.2f} x 2^24")
        if share > self.worst.share:
            self.worst = Proof(share, node.outputs[0])

    def _sum(self, node: Node) -> Range:
        a, b = self._input(node, 0), self._input(node, 1)
        if node.operator == "Sub":
            b = Range(-b.high, -b.low, b.grid)
        grid = np.minimum(a.grid, b.grid)
        if np.all(grid > 0):
            self._check(node, a.bound + b.bound, grid)
        return Range(a.low + b.low, a.high + b.high, grid)

    def _mul(self, node: Node) -> Range:
        a, b = self._input(node, 0), self._input(node, 1)
        if node.operator == "Div":
            if b.constant is None or not np.all(np.abs(np.frexp(b.constant)[0]) == 0.5):
                raise _UnprovedError("a division by values that are not powers of two")
            b = _constant(1.0 / b.constant)
        if a.constant is not None and b.constant is not None:
            return _constant(a.constant * b.constant)
        grid = a.grid * b.grid
        if np.all(grid > 0):
            self._check(node, a.bound * b.bound, grid)
        ends = np.stack(np.broadcast_arrays(*(x * y for x in (a.low, a.high) for y in (b.low, b.high))))
        return Range(ends.min(0), ends.max(0), grid)

    def _layer(self, node: Node) -> Range:
        """Return the range of sums of products, by channel: each channel of the weight has its own grid."""
        x, weight = self._input(node, 0), self._input(node, 1).constant
        if weight is None and node.operator == "MatMul":
            return self._product(node)
        if np.any(x.grid == 0) or weight is None:
            raise _UnprovedError(f"{node.operator} of values that are not on a grid")
        rows = _by_output_channel(node, weight)
        bias = self._input(node, 2).constant if len(node.inputs) > 2 else np.zeros(1)
        if bias is None:
            raise _UnprovedError(f"{node.operator} has a bias that is not constant")
        bias = np.resize(bias, len(rows))
        bounds = (np.abs(rows) * x.bound).sum(1) + np.abs(bias)
        step = np.min(x.grid)
        grids = np.array([min(_grid(row) * step, _grid(b)) for row, b in zip(rows, bias, strict=True)])
        self._check(node, bounds, grids)
        result = Range(-bounds, bounds, grids)
        return result if node.operator in ("Gemm", "MatMul") else result.of_all()

    def _product(self, node: Node) -> Range:
        """Return the range of a matrix product whose factors both depend on the inputs."""
        a, b = self._input(node, 0), self._input(node, 1)
        inner = a.shape[-1:] if len(a.shape) > 1 else b.shape[-2:-1]
        if not inner:
            raise _UnprovedError("MatMul of matrices of unknown shape")
        bound = np.array(inner[0] * a.bound.max() * b.bound.max())
        grid = np.array(a.grid.min() * b.grid.min())
        if grid == 0:
            raise _UnprovedError("MatMul of values that are not on a grid")
        self._check(node, bound, grid)
        return Range(-bound, bound, grid)

    def _position(self, node: Node) -> Range:
        """Return the range of a position: exact for values on a grid, as comparisons do not round."""
        if np.any(self._input(node, 0).grid == 0):
            raise _UnprovedError("ArgMax of values that are not on a grid")
        return Range(np.array(0.0), np.array(_MOST_POSITIONS), np.array(1.0))

    def _whole(self, node: Node) -> Range:
        x = self._input(node, 0)
        return Range(np.floor(x.low), np.ceil(x.high), np.maximum(x.grid, 1.0))

    def _clip(self, node: Node) -> Range:
        x, low, high = (self._input(node, number) for number in range(3))
        grid = np.minimum(x.grid, np.minimum(low.grid, high.grid))
        return Range(np.clip(x.low, low.low, high.high), np.clip(x.high, low.low, high.high), grid)

    def _relu(self, node: Node) -> Range:
        x = self._input(node, 0)
        return Range(np.maximum(x.low, 0.0), np.maximum(x.high, 0.0), x.grid)

    def _extreme(self, node: Node) -> Range:
        a, b = self._input(node, 0), self._input(node, 1)
        choose = np.maximum if node.operator == "Max" else np.minimum
        ends = (b.low, b.high) if b.constant is None else (b.constant, b.constant)
        return Range(choose(a.low, ends[0]), choose(a.high, ends[1]), np.minimum(a.grid, b.grid))

    def _join(self, node: Node) -> Range:
        parts = [self.values[name] for name in node.inputs]
        if all(part.constant is not None for part in parts):
            return _constant(np.concatenate([part.constant for part in parts if part.constant is not None]))
        if all(part.low.ndim == 1 for part in parts):
            columns = [np.broadcast_arrays(part.low, part.high, part.grid) for part in parts]
            return Range(*(np.concatenate(column) for column in zip(*columns, strict=True)))
        wholes = [part.of_all() for part in parts]
        stacked = (np.stack([getattr(part, end) for part in wholes]) for end in ("low", "high", "grid"))
        return Range(*stacked).of_all()

    def _cast(self, node: Node) -> Range:
        x = self._input(node, 0)
        if node.attributes["to"] == UINT8 and not (
            x.grid.min() >= 1.0 and x.low.min() >= 0.0 and x.high.max() <= 255.0
        ):
            raise _UnprovedError("the output is not integers from 0 to 255")
        return x

    def _row(self, node: Node) -> Range:
        table = self._input(node, 0)
        if node.attributes.get("axis", 0) != 0:
            return self._moved(node)
        if table.constant is None:
            raise _UnprovedError("Gather from a table that is not constant")
        return Range(table.constant.min(0), table.constant.max(0), table.grid, shape=table.constant.shape[1:])

    def _resize(self, node: Node) -> Range:
        if node.attributes.get("mode", "nearest") != "nearest":
            raise _UnprovedError("Resize interpolates")
        return self._moved(node)

    def _moved(self, node: Node) -> Range:
        return self._input(node, 0).of_all()

    def _same(self, node: Node) -> Range:
        return self._input(node, 0)

    def _transpose(self, node: Node) -> Range:
        x = self._input(node, 0)
        if x.constant is None:
            return x.of_all()
        axes = node.attributes.get("perm", tuple(range(x.constant.ndim))[::-1])
        return replace(x, constant=np.transpose(x.constant, axes))  # type: ignore[arg-type]

    def _known(self, node: Node) -> Range:
        value = node.attributes["value"]
        assert isinstance(value, np.ndarray)
        return _constant(value)


class _UnprovedError(ExportError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"exactness cannot be proved: {reason}")


def _constant(array: npt.NDArray[np.generic]) -> Range:
    values = array.astype(np.float64)
    ends = values if values.size else np.zeros(1)
    return Range(np.array(ends.min()), np.array(ends.max()), np.array(_grid(values)), values)


def _grid(values: Array | float) -> float:
    """Return the largest power of two up to 1 that divides all values."""
    mantissa, exponent = np.frexp(np.atleast_1d(values))
    whole = (mantissa * 2.0**53).astype(np.int64)
    lowest_bit = (whole & -whole).astype(np.float64)
    grids = np.where(whole == 0, 1.0, lowest_bit * 2.0 ** (exponent - 53.0))
    return float(grids.min(initial=1.0))


def _by_output_channel(node: Node, weight: Array) -> Array:
    """Return the weight as (output channels or a multiple of them, all that is summed into one value)."""
    if node.attributes.get("group", 1) != 1:
        raise _UnprovedError(f"{node.operator} in groups")
    if node.operator == "Conv":
        return weight.reshape(len(weight), -1)
    if node.operator == "ConvTranspose":
        return _taps_by_phase(node, weight)
    transposed = node.operator == "Gemm" and node.attributes.get("transB", 0) == 1
    return weight if transposed else weight.T


def _taps_by_phase(node: Node, weight: Array) -> Array:
    """Return the taps summed into one pixel, for each stride phase and output channel: (phases * channels, taps)."""
    strides = node.attributes.get("strides", (1, 1))
    assert isinstance(strides, tuple)
    down, right = (int(stride) for stride in strides)
    phases = [
        weight[:, :, i::down, j::right].swapaxes(0, 1).reshape(weight.shape[1], -1)
        for i in range(down)
        for j in range(right)
    ]
    widest = max(phase.shape[1] for phase in phases)
    return np.concatenate([np.pad(phase, ((0, 0), (0, widest - phase.shape[1]))) for phase in phases])

"""How the C file computes each operator of exact models: a rule returns the value of the program's current node."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from scorp_runtime.inference.backends.numpy_operators import OPERATORS
from scorp_train.errors import ExportError

from .program import Program
from .values import Array, Kernel, Value, shift_of

# Element by element.


def _same(program: Program) -> Value:
    return program.value(0)


def _sum(program: Program) -> Value:
    sign = {"Add": "+", "Sub": "-"}[program.node.operator]
    a, b, shape = program.fused(program.value(0), program.value(1))
    shift = max(int(a.shift), int(b.shift))
    a, b = a.scaled(shift), b.scaled(shift)
    low, high = (a.low + b.low, a.high + b.high) if sign == "+" else (a.low - b.high, a.high - b.low)
    return _combined(a, b, shape, f"({a.text} {sign} {b.text})", low, high, shift)


def _extreme(program: Program) -> Value:
    choose = np.maximum if program.node.operator == "Max" else np.minimum
    a, b, shape = program.fused(program.value(0), program.value(1))
    shift = max(int(a.shift), int(b.shift))
    a, b = a.scaled(shift), b.scaled(shift)
    text = f"{choose.__name__}({a.text}, {b.text})"
    return _combined(a, b, shape, text, choose(a.low, b.low), choose(a.high, b.high), shift)


def _product(program: Program) -> Value:
    """Multiply or divide. A power of two changes only the unit."""
    is_division = program.node.operator == "Div"
    for number in (1,) if is_division else (0, 1):
        if program.is_constant(number) and program.constant(number).size == 1:
            mantissa, exponent = math.frexp(program.constant(number).item())
            if mantissa == 0.5:
                value = program.plain(program.value(1 - number))
                by = 1 - exponent if is_division else exponent - 1
                return replace(value, shift=value.shift - by)
    if is_division:
        raise ExportError("the C file divides only by powers of two")
    a, b, shape = program.fused(program.value(0), program.value(1))
    ends = np.stack(np.broadcast_arrays(*(x * y for x in (a.low, a.high) for y in (b.low, b.high))))
    return _combined(
        a, b, shape, f"({a.text} * {b.text})", ends.min(0), ends.max(0), int(a.shift) + int(b.shift)
    )


def _combined(
    a: Value, b: Value, shape: tuple[int, ...], text: str, low: Array, high: Array, shift: int
) -> Value:
    both = replace(
        a,
        shape=shape,
        name=a.name if a.kernel else b.name,
        kernel=a.kernel or b.kernel,
        reads=(*a.reads, *b.reads),
        setup=tuple(dict.fromkeys((*a.setup, *b.setup))),
    )
    return both.computed(text, low, high, shift)


def _clip(program: Program) -> Value:
    low, high = (program.constant(number) for number in (1, 2))
    if low is None or high is None or low % 1 or high % 1:
        raise ExportError("the C file clips only to integers")
    value = program.value(0)
    if value.clip is not None:
        value = program.plain(value)
    return replace(value, clip=(int(low), int(high)), base=None, buffer=None)


def _relu(program: Program) -> Value:
    value = program.plain(program.value(0))
    return value.clamped(0, max(int(value.high.max()), 0))


def _round(program: Program) -> Value:
    """Round, halves to even. A pending clip to integers follows, with the same result as before."""
    value = program.value(0)
    clip = value.clip
    if isinstance(value.shift, int) and value.shift <= 0:
        rounded = replace(value, clip=None).scaled(0)
    else:
        shift, text = np.asarray(value.shift), str(value.shift)
        if shift.size > 1:
            text = f"{program.table('shift', shift)}[c]"
            shift = shift.reshape(1, -1, *(1,) * (len(value.shape) - 2))
        low, high = (np.rint(end / 2.0**shift) for end in (value.low, value.high))
        rounded = value.computed(f"rescale({value.text}, {text})", low, high, 0)
    return rounded if clip is None else rounded.clamped(*clip)


# Layers.


def _matmul(program: Program) -> Value:
    a, b = program.is_constant(0), program.is_constant(1)
    if a:
        raise ExportError("the C file multiplies no constant matrix from the left")
    if b:
        return _dense(program, program.constant(1).T, None)
    left, right = (program.in_memory(program.plain(program.value(number))) for number in (0, 1))
    if right.shape[-1] == 1 and len(left.shape) == 3:  # a matrix and a vector
        rows, inner = left.shape[1:]
        return _dot(program, right, left, (1, rows, 1), inner, (inner, 1))
    if left.shape[:2] == (1, 1) and len(right.shape) == 3:  # a vector and a matrix
        inner, columns = right.shape[1:]
        return _dot(program, left, right, (1, 1, columns), inner, (1, columns))
    raise ExportError("the C file does not multiply two matrices")


def _dot(
    program: Program, vector: Value, matrix: Value, shape: tuple[int, ...], inner: int, steps: tuple[int, int]
) -> Value:
    """Return the product of a matrix and a vector that both depend on the image."""
    entries = np.broadcast_to(np.maximum(np.abs(matrix.low), np.abs(matrix.high)), matrix.shape)[0]
    entries = entries if steps[1] == 1 else entries.T
    factors = np.broadcast_to(np.maximum(np.abs(vector.low), np.abs(vector.high)), vector.shape).ravel()
    bound = (entries @ factors).reshape(shape)
    numbers = {"vector": vector.base, "matrix": matrix.base, "inner": inner, "steps": steps, "bias": None}
    value = Value(
        shape, "sum", -bound, bound, name=program.name(), kernel=Kernel("dense", numbers),
        reads=(*vector.reads, *matrix.reads), setup=(*vector.setup, *matrix.setup),
    )  # fmt: skip
    return value.computed("sum", -bound, bound, int(vector.shift) + int(matrix.shift))


def _gemm(program: Program) -> Value:
    attributes = program.node.attributes
    if attributes.get("transA", 0) or {attributes.get(name, 1.0) for name in ("alpha", "beta")} != {1.0}:
        raise ExportError("the C file multiplies only by matrices as they are")
    weight = program.constant(1)
    return _dense(program, weight if attributes.get("transB", 0) else weight.T, program.constant(2))


def _dense(program: Program, weight: Array, bias: Array | None) -> Value:
    """Return the product of a row and a constant matrix, which has a row per output."""
    value = program.in_memory(program.plain(program.value(0)))
    outputs, inner = weight.shape
    codes, biases, shift = _by_channel(weight, bias, int(value.shift))
    low, high = (np.broadcast_to(end, value.shape).ravel() for end in (value.low, value.high))
    ends = codes * low, codes * high
    numbers = {
        "vector": value.base,
        "matrix": program.table("weights", codes),
        "bias": None if bias is None else program.table("bias", biases),
        "inner": inner,
        "steps": (inner, 1),
    }
    shape = (*value.shape[:-1], outputs)
    return replace(value, shape=shape, name=program.name(), kernel=Kernel("dense", numbers)).computed(
        "sum",
        (np.minimum(*ends).sum(1) + biases).reshape(shape),
        (np.maximum(*ends).sum(1) + biases).reshape(shape),
        shift,
    )


def _by_channel(weight: Array, bias: Array | None, shift: int) -> tuple[Array, Array, int | Array]:
    """Return weights with a row per channel and biases as integers, and the shifts of the channels' sums.

    Their values are in units of 2^-shift. Channels have the same shift if that keeps the weights in 8 bits.
    """
    rows = np.asarray(weight, np.float64).reshape(len(weight), -1)
    offsets = np.zeros(len(rows)) if bias is None else np.resize(np.asarray(bias, np.float64), len(rows))
    shifts = np.array([shift_of(row) for row in rows])
    if np.all(np.abs(rows * 2.0 ** shifts.max()) <= 127):
        shifts[:] = shifts.max()
    sums = shifts + shift
    need = np.array([shift_of(np.atleast_1d(offset)) for offset in offsets])
    extra = np.maximum(np.where(offsets == 0, sums, need) - sums, 0)
    shifts, sums = shifts + extra, sums + extra
    low = sums.min()
    is_uniform = low == sums.max()
    if not is_uniform and low < 1:  # `rescale` needs at least one bit to drop
        shifts, sums = np.maximum(sums, 1) - shift, np.maximum(sums, 1)
    codes, biases = rows * 2.0 ** shifts[:, None], offsets * 2.0**sums
    return codes, biases, int(sums[0]) if np.all(sums == sums[0]) else sums


def _convolution(program: Program) -> Value:
    """Return a convolution or transposed convolution: products of the window around each pixel and constant rows.

    A transposed one with stride s is s x s convolutions, one per phase, whose results take turns.
    """
    node = program.node
    value = program.in_memory(program.plain(program.value(0)))
    weight, bias = program.constant(1), program.constant(2)
    if weight.ndim != 4 or node.attributes.get("group", 1) != 1 or "output_padding" in node.attributes:
        raise ExportError("the C file supports only two-dimensional convolutions without groups")
    shape = OPERATORS[node.operator]([np.zeros(value.shape), weight], node.attributes).shape
    stride, dilation = (_pair(program, name, (1, 1)) for name in ("strides", "dilations"))
    is_transposed = node.operator == "ConvTranspose"
    if is_transposed and dilation != (1, 1):
        raise ExportError("the C file supports no dilated transposed convolutions")
    weight = weight.swapaxes(0, 1) if is_transposed else weight
    codes, biases, shift = _by_channel(weight, bias, int(value.shift))
    ends = [codes * end for end in (0.0, float(value.low.min()), float(value.high.max()))]
    low, high = (pick(ends, axis=0).sum(1) + biases for pick in (np.min, np.max))
    ordered = _by_phase(codes.reshape(weight.shape), stride if is_transposed else (1, 1))
    numbers: dict[str, Any] = {
        "source": value.base,
        "weights": program.table("weights", ordered),
        "bias": program.table("bias", biases),
        "is_transposed": is_transposed,
        "inputs": value.shape[1],
        "outputs": shape[1],
        "kernel": ordered.shape[3:5],
        "window": math.prod(ordered.shape[3:]),
        "before": value.shape[2:],
        "after": shape[2:],
        "stride": stride,
        "dilation": dilation,
        "pad": _pair(program, "pads", (0, 0)),
    }
    by_channel = (1, -1, 1, 1)
    layer = replace(value, shape=shape, name=program.name(), kernel=Kernel("convolution", numbers))
    return layer.computed("sum", low.reshape(by_channel), high.reshape(by_channel), shift)


def _by_phase(codes: Array, stride: tuple[int, int]) -> Array:
    """Return weights (O, I, h, w) as (phases down, phases across, O, taps down, taps across, I), padded with zeros."""
    outputs, inputs, height, width = codes.shape
    down, across = stride
    padded = np.pad(codes, ((0, 0), (0, 0), (0, -height % down), (0, -width % across)))
    phases = padded.reshape(outputs, inputs, -(-height // down), down, -(-width // across), across)
    return phases.transpose(3, 5, 0, 2, 4, 1)


def _axis(program: Program) -> int:
    """Return the axis of the current node."""
    axis = program.node.attributes.get("axis", 0)
    assert isinstance(axis, int)
    return axis


def _pair(program: Program, name: str, default: tuple[int, int]) -> tuple[int, int]:
    """Return the first two numbers of an attribute: for rows and columns."""
    pair = program.node.attributes.get(name, default)
    assert isinstance(pair, tuple)
    down, across = pair[:2]
    return int(down), int(across)


def _max_pool(program: Program) -> Value:
    value = program.in_memory(program.plain(program.value(0)))
    attributes = program.node.attributes
    shape = OPERATORS["MaxPool"]([np.zeros(value.shape)], attributes).shape
    numbers = {
        "source": value.base,
        "kernel": attributes["kernel_shape"],
        "before": value.shape[2:],
        "after": shape[2:],
        "stride": _pair(program, "strides", (1, 1)),
        "pad": _pair(program, "pads", (0, 0)),
        "least": int(value.low.min()),
    }
    low, high = (np.full((1, 1, 1, 1), end) for end in (value.low.min(), value.high.max()))
    layer = replace(value, shape=shape, name=program.name(), kernel=Kernel("max_pool", numbers))
    return layer.computed("sum", low, high, value.shift)


def _arg_max(program: Program) -> Value:
    value = program.in_memory(program.plain(program.value(0)))
    attributes = program.node.attributes
    if attributes.get("select_last_index", 0) or value.shape[_axis(program)] != value.size:
        raise ExportError("the C file finds only the first maximum of a row")
    shape = (1, 1) if attributes.get("keepdims", 1) else (1,)
    kernel = Kernel("arg_max", {"source": value.base, "size": value.size})
    layer = replace(value, shape=shape, name=program.name(), kernel=kernel)
    return layer.computed("sum", np.zeros(1), np.full(1, value.size - 1.0), 0)


# Moving numbers.


def _gather(program: Program) -> Value:
    axis = _axis(program)
    if program.is_constant(1):
        value, places = program.in_memory(program.plain(program.value(0))), program.constant(1)
        if axis != 1 or len(value.shape) != 2 or places.ndim != 1:
            raise ExportError("the C file gathers only columns of a row")
        low, high = (np.broadcast_to(end, value.shape)[:, places] for end in (value.low, value.high))
        table = program.table("order", places % value.size)
        moved = replace(value, shape=low.shape)
        return moved.computed(f"{value.base}[{table}[i]]", low, high, value.shift)
    table_values, shift = program.integers(program.constant(0))
    places = program.plain(program.value(1)).scaled(0)
    if axis != 0 or (places.size > 1 and table_values.ndim > 1):
        raise ExportError("the C file gathers only rows of a table")
    if places.size > 1:
        first, last = int(places.low.min()), int(places.high.max())
        table = program.table(
            "values", table_values[np.arange(first, last + 1)]
        )  # negative places count from the end
        low, high = (
            np.full((1,) * len(places.shape), end) for end in (table_values.min(), table_values.max())
        )
        return places.computed(f"{table}[{places.text} + {-first}]", low, high, shift)
    if places.text != "label":
        places = program.in_memory(places)
    row = table_values[0].size
    table = program.table("rows", table_values)
    pointer = f"{table}_row"
    kind = program.tables[-1].type
    place = places.text.replace("[i]", "[0]")
    low, high = (pick(table_values, axis=0)[np.newaxis] for pick in (np.min, np.max))
    return Value(
        (1, *table_values.shape[1:]), f"{pointer}[i]", low, high, shift, base=pointer, reads=places.reads,
        setup=(*places.setup, f"const {kind} *const {pointer} = {table} + (int32_t){place} * {row};"),
    )  # fmt: skip


def _slice(program: Program) -> Value:
    value = program.stored(program.plain(program.value(0)))
    taken = _moved(program, np.arange(value.size).reshape(value.shape))
    if len(taken.shape) != 2 or not np.array_equal(taken.ravel(), taken.flat[0] + np.arange(taken.size)):
        raise ExportError("the C file slices only consecutive columns")
    return program.part(value, int(taken.flat[0]), taken.size)


def _reshaped(program: Program) -> Value:
    """Change the shape and keep the order of the elements, which is all that the C file sees of it."""
    value = program.value(0)
    shape = _moved(program, np.empty(value.shape, np.int8)).shape
    if value.clip is not None or not isinstance(value.shift, int) or "[c]" in value.text:
        value = program.plain(value)
    if value.kernel is not None or "[c]" in value.text:
        value = program.stored(value) if program.node.outputs[0] != "image" else value
    if program.node.outputs[0] == "image":
        return value
    return value.reshaped(shape)


def _moved(program: Program, array: Array) -> Array:
    others = [program.constant(number) for number in range(1, len(program.node.inputs))]
    return np.asarray(OPERATORS[program.node.operator]([array, *others], program.node.attributes))


def _concat(program: Program) -> Value:
    values = [program.in_memory(program.plain(program.value(n))) for n in range(len(program.node.inputs))]
    arrays = [np.empty(value.shape, np.int8) for value in values]
    shape = OPERATORS["Concat"](arrays, program.node.attributes).shape
    axis = _axis(program) % len(shape)
    if math.prod(shape[:axis]) != 1:
        raise ExportError("the C file joins only channels")
    return program.joined(values, shape)


def _resize(program: Program) -> Value:
    value = program.in_memory(program.plain(program.value(0)))
    shape = _moved(program, np.empty(value.shape, np.int8)).shape
    if shape[:2] != value.shape[:2]:
        raise ExportError("the C file resizes only images")
    factor = (shape[2] // value.shape[2], shape[3] // value.shape[3])
    numbers = {"source": value.base, "before": value.shape[2:], "after": shape[2:], "factor": factor}
    layer = replace(value, shape=shape, name=program.name(), kernel=Kernel("resize", numbers))
    low, high = (np.full((1, 1, 1, 1), end) for end in (value.low.min(), value.high.max()))
    return layer.computed("sum", low, high, value.shift)


RULES: Mapping[str, Callable[[Program], Value]] = {
    "Add": _sum,
    "ArgMax": _arg_max,
    "Cast": _same,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _convolution,
    "ConvTranspose": _convolution,
    "Div": _product,
    "Flatten": _reshaped,
    "Gather": _gather,
    "Gemm": _gemm,
    "Identity": _same,
    "MatMul": _matmul,
    "Max": _extreme,
    "MaxPool": _max_pool,
    "Min": _extreme,
    "Mul": _product,
    "Relu": _relu,
    "Reshape": _reshaped,
    "Resize": _resize,
    "Round": _round,
    "Slice": _slice,
    "Squeeze": _reshaped,
    "Sub": _sum,
    "Unsqueeze": _reshaped,
}
"""The rules by operator."""

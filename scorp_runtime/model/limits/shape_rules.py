"""The shape of each operator's result, as https://onnx.ai/onnx/operators/ defines it.

The number of images is unknown: a shape has `BATCH` in its place, and `2 * BATCH` for twice as many. Some operators
read a shape or positions from a value; the contents of such small values are tracked through operators that move
integers or calculate with them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError
from scorp_runtime.model.onnx_reader import Node, Tensor

BATCH = 1 << 200
"""Stands for the number of images: far larger than any size in a file, or that an operator makes of those."""

Shape = tuple[int, ...]
Attributes = Mapping[str, Any]

_MOST_TRACKED = 64  # numbers of a value: more than a shape has
_MOST_CALCULATED = 1 << 31  # larger results may overflow in the network
_TO_THE_END = (1 << 31) - 1  # end of a slice without an end
_INT64 = 7


class Value(NamedTuple):
    """What is known of a value before the graph runs.

    `numbers` are its contents, as Python integers (dtype object), possibly with `BATCH`, or float64; None if unknown.
    """

    shape: Shape
    numbers: npt.NDArray[Any] | None = None

    @classmethod
    def of(cls, tensor: Tensor) -> "Value":
        """Return the value of an array in the file."""
        dtype = {"int32": object, "int64": object, "float32": np.float64}.get(tensor.dtype.name)
        return cls(tensor.shape, tensor.astype(dtype) if dtype and tensor.size <= _MOST_TRACKED else None)

    @property
    def known(self) -> npt.NDArray[Any]:
        """The contents; raises `ModelError` if they are unknown."""
        if self.numbers is None:
            raise ModelError("reads sizes or positions that are unknown before the graph runs")
        return self.numbers

    @property
    def sizes(self) -> Shape:
        """The contents as integers: sizes, axes or positions."""
        return tuple(int(number) for number in self.known.reshape(-1))


class Result(NamedTuple):
    """The output of a node, and its cost."""

    value: Value
    work: Shape | None = None  # has an entry for each multiply-add of a product
    scratch: tuple[Shape, ...] = ()  # of temporary arrays


def infer(node: Node, inputs: Sequence[Value | None]) -> Result:
    """Return the result of a node; omitted inputs are None.

    Raises `ModelError` if the inputs do not match, or the shape depends on unknown numbers.
    """
    if node.operator == "Resize":
        return _resize(inputs)
    if node.operator == "Slice":
        return Result(_slice(inputs, node.attributes))
    given = [value for value in inputs if value is not None]
    if node.operator in _PRODUCTS:
        return _PRODUCTS[node.operator](given, node.attributes)
    if node.operator in _OTHERS:
        return Result(_OTHERS[node.operator](given, node.attributes))
    return Result(Value(broadcast(*(value.shape for value in given)), _calculated(node.operator, given)))


def _calculated(operator: str, values: Sequence[Value]) -> npt.NDArray[Any] | None:
    """Return the contents of a sum, difference, product or quotient of integers; None if unknown."""
    numbers = [
        value.numbers for value in values if value.numbers is not None and value.numbers.dtype == object
    ]
    if operator not in _ARITHMETIC or not len(numbers) == len(values) == 2:
        return None
    left, right = np.broadcast_arrays(*numbers)
    if left.size > _MOST_TRACKED:
        return None
    found = np.empty(left.shape, object)
    found.reshape(-1)[:] = [_ARITHMETIC[operator](a, b) for a, b in zip(left.flat, right.flat, strict=True)]
    return None if None in found.reshape(-1).tolist() else found


def _if_small(number: int) -> int | None:
    return number if abs(number) < _MOST_CALCULATED else None


def _product(a: int, b: int) -> int | None:
    low, high = sorted((a, b))
    return low * high if high >= BATCH and 0 < low < _MOST_CALCULATED else _if_small(a * b)


_ARITHMETIC: Mapping[str, Callable[[int, int], int | None]] = {
    "Add": lambda a, b: _if_small(a + b),
    "Sub": lambda a, b: _if_small(a - b),
    "Mul": _product,
    "Div": lambda a, b: _if_small(a // b) if a >= 0 and 0 < b < BATCH else None,
}


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ModelError("names an axis that does not exist")
    return axis % rank


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape of arrays that are broadcast against each other."""
    different = {shape for shape in shapes if shape}
    if len(different) <= 1:  # fast path for the usual case of a value and a number
        return different.pop() if different else ()
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    return tuple(_common({size for size in column if size != 1} or {1}) for column in columns)


def _common(sizes: set[int]) -> int:
    if len(sizes) > 1:
        raise ModelError("has inputs whose shapes do not match")
    (size,) = sizes
    return size


# Products.

_PER_PRODUCT = 16  # numbers that onnxruntime stores about each of several matrix products


def _conv(inputs: Sequence[Value], attributes: Attributes) -> Result:
    images, weight = inputs[0].shape, inputs[1].shape
    (batch, channels, *before), kernel = images, weight[2:]
    spans, strides = _spans(kernel, attributes), _steps("strides", kernel, attributes)
    if attributes.get("auto_pad", "NOTSET").startswith("SAME"):
        after = tuple(-(-size // step) for size, step in zip(before, strides, strict=True))
        padded = tuple(size + span for size, span in zip(before, spans, strict=True))
    else:
        padded = tuple(size + more for size, more in zip(before, _padding(kernel, attributes), strict=True))
        windows = zip(padded, spans, strides, strict=True)
        after = tuple((size - span) // step + 1 for size, span, step in windows)
    group = attributes.get("group", 1)
    if group < 1 or channels != weight[1] * group or weight[0] % group:
        raise ModelError("has a kernel that does not match its channels")
    _check_bias(inputs[2:], weight[0])
    return Result(
        Value((batch, weight[0], *after)),
        work=(batch, weight[0], *after, *weight[1:]),
        scratch=((batch, channels, *padded), (batch, channels, *kernel, *after)),
    )


def _conv_transpose(inputs: Sequence[Value], attributes: Attributes) -> Result:
    images, weight = inputs[0].shape, inputs[1].shape
    (batch, channels, *before), kernel, group = images, weight[2:], attributes.get("group", 1)
    if group < 1 or channels != weight[0] or channels % group:
        raise ModelError("has a kernel that does not match its channels")
    outputs = weight[1] * group
    _check_bias(inputs[2:], outputs)
    strides = _steps("strides", kernel, attributes)
    more = attributes.get("output_padding", (0,) * len(kernel))
    reaches = zip(before, strides, _spans(kernel, attributes), more, strict=True)
    canvas = tuple((size - 1) * step + span + extra for size, step, span, extra in reaches)
    if "output_shape" in attributes:
        after = tuple(attributes["output_shape"])[-len(kernel) :]
    elif attributes.get("auto_pad", "NOTSET").startswith("SAME"):
        strided = (size * step for size, step in zip(before, strides, strict=True))
        after = tuple(map(min, strided, canvas))
    else:
        after = tuple(size - less for size, less in zip(canvas, _padding(kernel, attributes), strict=True))
    return Result(
        Value((batch, outputs, *after)),
        work=(batch, channels, *before, *weight[1:]),
        scratch=((batch, outputs, *canvas), (batch, outputs, *kernel, *before)),
    )


def _max_pool(inputs: Sequence[Value], attributes: Attributes) -> Value:
    batch, channels, *before = inputs[0].shape
    kernel = tuple(attributes["kernel_shape"])
    spans, strides = _spans(kernel, attributes), _steps("strides", kernel, attributes)
    if attributes.get("auto_pad", "NOTSET") != "NOTSET" or attributes.get("ceil_mode", 0):
        raise ModelError("has padding that is not explicit")
    sizes = zip(before, _padding(kernel, attributes), spans, strides, strict=True)
    return Value((batch, channels, *((size + more - span) // step + 1 for size, more, span, step in sizes)))


def _spans(kernel: Shape, attributes: Attributes) -> Shape:
    """Return the size of a dilated kernel."""
    if tuple(attributes.get("kernel_shape", kernel)) != kernel:
        raise ModelError("has a kernel_shape that is not the shape of its kernel")
    dilations = _steps("dilations", kernel, attributes)
    return tuple((size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True))


def _steps(name: str, kernel: Shape, attributes: Attributes) -> Shape:
    steps = tuple(attributes.get(name, (1,) * len(kernel)))
    if min(steps, default=1) < 1:
        raise ModelError(f"has {name} below 1")
    return steps


def _padding(kernel: Shape, attributes: Attributes) -> Shape:
    """Return the sum of the padding at both ends."""
    rank = len(kernel)
    none = (0,) * 2 * rank
    pads = none if attributes.get("auto_pad") == "VALID" else attributes.get("pads", none)
    return tuple(begin + end for begin, end in zip(pads[:rank], pads[rank:], strict=True))


def _check_bias(bias: Sequence[Value], channels: int) -> None:
    if any(value.shape != (channels,) for value in bias):
        raise ModelError("has a bias that does not match its channels")


def _gemm(inputs: Sequence[Value], attributes: Attributes) -> Result:
    (rows, inner), (other, columns) = (
        value.shape[::-1] if attributes.get(name, 0) else value.shape
        for value, name in zip(inputs, ("transA", "transB"), strict=False)
    )
    if broadcast((rows, columns), *(value.shape for value in inputs[2:])) != (rows, columns):
        raise ModelError("has a bias that is larger than its product")
    return Result(Value((rows, columns)), work=(rows, columns, _common({inner, other})))


def _matmul(inputs: Sequence[Value], _: Attributes) -> Result:
    left, right = inputs[0].shape, inputs[1].shape
    inner = _common({left[-1], right[-2] if len(right) > 1 else right[0]})
    products = broadcast(left[:-2], right[:-2])
    shape = (*products, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
    return Result(
        Value(shape), work=(*shape, inner), scratch=((*products, _PER_PRODUCT),) if products else ()
    )


# Operators that move or make numbers.


def _resize(inputs: Sequence[Value | None]) -> Result:
    """Infer it from sizes or scales; the inputs are array, region, scales, sizes, or in opset 10 array, scales."""
    array, *others = inputs
    scales, sizes = (*others, None) if len(others) == 1 else (*others[1:], None)[:2]
    given = [value for value in (scales, sizes) if value is not None and value.shape != (0,)]
    if array is None or len(given) != 1:
        raise ModelError("needs an image, and either scales or sizes")
    if given[0] is sizes:
        after = sizes.sizes
    else:
        pairs = zip(array.shape, given[0].known.tolist(), strict=True)
        after = tuple(math.floor(size * scale) for size, scale in pairs)
    largest = tuple(max(pair) for pair in zip(array.shape, after, strict=True))
    return Result(Value(after), scratch=(largest,))


def _slice(inputs: Sequence[Value | None], attributes: Attributes) -> Value:
    array, *bounds = inputs
    if array is None:
        raise ModelError("has no input")
    shape = list(array.shape)
    given = [None if value is None else value.sizes for value in bounds]
    starts, ends, axes, steps = (*(given or (attributes["starts"], attributes["ends"])), None, None)[:4]
    axes = attributes.get("axes", range(len(starts))) if axes is None else axes
    cuts = [slice(None)] * len(shape)
    for axis, start, end, step in zip(axes, starts, ends, steps or (1,) * len(starts), strict=True):
        if (start, step) == (0, 1) and _TO_THE_END <= end < BATCH:
            continue
        if max(shape[_axis(axis, len(shape))], *map(abs, (start, end, step))) >= BATCH:
            raise ModelError("slices the batch dimension")
        cuts[axis] = slice(start, None if step < 0 and end < -_TO_THE_END else end, step)
        shape[axis] = len(range(*cuts[axis].indices(shape[axis])))
    return Value(tuple(shape), None if array.numbers is None else array.numbers[tuple(cuts)])


def _cast(inputs: Sequence[Value], attributes: Attributes) -> Value:
    (value,) = inputs
    is_integer = value.numbers is not None and value.numbers.dtype == object
    return value if is_integer and attributes["to"] == _INT64 else Value(value.shape)


def _concat(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = list(inputs[0].shape)
    axis = _axis(attributes["axis"], len(shape))
    for other in range(len(shape)):
        if other != axis:
            _common({value.shape[other] for value in inputs})
    shape[axis] = sum(value.shape[axis] for value in inputs)
    numbers = [value.numbers for value in inputs if value.numbers is not None]
    is_known = len(numbers) == len(inputs) and shape[axis] <= _MOST_TRACKED
    return Value(tuple(shape), np.concatenate(numbers, axis) if is_known else None)


def _constant(_: Sequence[Value], attributes: Attributes) -> Value:
    (value,) = attributes.values()
    return Value.of(np.asarray(value))


def _constant_of_shape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].sizes
    if math.prod(shape) > _MOST_TRACKED or min(shape, default=0) < 0:
        return Value(shape)
    return Value.of(np.full(shape, attributes.get("value", np.float32(0))))


def _depth_to_space(inputs: Sequence[Value], attributes: Attributes) -> Value:
    batch, channels, height, width = inputs[0].shape
    side = attributes["blocksize"]
    return Value((batch, channels // side**2, height * side, width * side))


def _flatten(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape, axis = inputs[0].shape, attributes.get("axis", 1)
    return Value((math.prod(shape[:axis]), math.prod(shape[axis:])))


def _gather(inputs: Sequence[Value], attributes: Attributes) -> Value:
    data, positions = inputs
    axis = _axis(attributes.get("axis", 0), len(data.shape))
    shape = (*data.shape[:axis], *positions.shape, *data.shape[axis + 1 :])
    if data.numbers is None or positions.numbers is None:
        return Value(shape)
    taken = np.take(data.numbers, positions.numbers.astype(np.int64), axis)
    return Value(shape, np.asarray(taken, data.numbers.dtype))


def _one_hot(inputs: Sequence[Value], attributes: Attributes) -> Value:
    positions, depth, _ = inputs
    (size,) = depth.sizes
    axis = _axis(attributes.get("axis", -1), len(positions.shape) + 1)
    return Value((*positions.shape[:axis], size, *positions.shape[axis:]))


def _reduce(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape, given = inputs[0].shape, _axes(inputs, attributes)
    if not given and attributes.get("noop_with_empty_axes", 0):
        return Value(shape)
    axes = {_axis(axis, len(shape)) for axis in given or range(len(shape))}
    sizes = ((1 if axis in axes else size, axis in axes) for axis, size in enumerate(shape))
    return Value(tuple(size for size, reduced in sizes if not reduced or attributes.get("keepdims", 1)))


def _reshape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    before, sizes = inputs[0].shape, inputs[1].sizes
    zero_copies = not attributes.get("allowzero", 0)
    shape = [before[axis] if size == 0 and zero_copies else size for axis, size in enumerate(sizes)]
    if -1 in shape:
        rest = math.prod(size for size in shape if size != -1)
        shape[shape.index(-1)] = math.prod(before) // rest
    return _reshaped(inputs[0], shape)


def _shape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    sizes = inputs[0].shape[attributes.get("start", 0) : attributes.get("end")]
    return Value((len(sizes),), np.array(sizes, object))


def _squeeze(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].shape
    axes = {_axis(axis, len(shape)) for axis in _axes(inputs, attributes)}
    axes = axes or {axis for axis, size in enumerate(shape) if size == 1}
    return _reshaped(inputs[0], [size for axis, size in enumerate(shape) if axis not in axes])


def _transpose(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].shape
    order = attributes.get("perm", range(len(shape))[::-1])
    return Value(tuple(shape[axis] for axis in order))


def _unsqueeze(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape, axes = inputs[0].shape, _axes(inputs, attributes)
    rank = len(shape) + len(axes)
    new, sizes = {_axis(axis, rank) for axis in axes}, iter(shape)
    return _reshaped(inputs[0], [1 if axis in new else next(sizes) for axis in range(rank)])


def _argmax(inputs: Sequence[Value], attributes: Attributes) -> Value:
    axis = attributes.get("axis", 0)
    return _reduce(inputs[:1], {**attributes, "axes": (axis,)})


def _axes(inputs: Sequence[Value], attributes: Attributes) -> Shape:
    """Return the axes, which are the second input or, in opsets below 13, an attribute."""
    return inputs[1].sizes if len(inputs) > 1 else tuple(attributes.get("axes", ()))


def _reshaped(value: Value, shape: Sequence[int]) -> Value:
    if math.prod(shape) != math.prod(value.shape):
        raise ModelError("cannot reshape its input to that shape")
    return Value(tuple(shape), None if value.numbers is None else value.numbers.reshape(shape))


_PRODUCTS: Mapping[str, Callable[[Sequence[Value], Attributes], Result]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "MatMul": _matmul,
}
_OTHERS: Mapping[str, Callable[[Sequence[Value], Attributes], Value]] = {
    "ArgMax": _argmax,
    "BatchNormalization": lambda inputs, _: Value(inputs[0].shape),
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "DepthToSpace": _depth_to_space,
    "Expand": lambda inputs, _: Value(broadcast(inputs[0].shape, inputs[1].sizes)),
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": lambda inputs, _: inputs[0],
    "MaxPool": _max_pool,
    "OneHot": _one_hot,
    "ReduceMean": _reduce,
    "ReduceSum": _reduce,
    "Reshape": _reshape,
    "Shape": _shape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}

"""The shape that each operator makes of its inputs' shapes, as https://onnx.ai/onnx/operators/ defines it.

The number of pictures is left open: in a shape it is `BATCH`, and twice as many are `2 * BATCH`. Some operators take a
shape, or places, from a value; such small values are followed as numbers, through the operators that move whole numbers
or calculate with them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError
from scorp_runtime.model.onnx_reader import Node, Tensor

BATCH = 1 << 200
"""Stands for the number of pictures: far more than any size that a file states, or that an operator makes of those."""

Shape = tuple[int, ...]

_MOST_FOLLOWED = 64  # numbers of a value: more than a shape has sizes
_MOST_CALCULATED = 1 << 31  # a larger number may not be what a network calculates in its type
_TO_THE_END = (1 << 31) - 1  # of a slice, or any number above
_INT64 = 7


class Value(NamedTuple):
    """What is known of a value before anything is drawn.

    Attributes:
        shape: of it.
        numbers: whole numbers of Python (dtype object), which `BATCH` may be among, or float64; None if not followed.
    """

    shape: Shape
    numbers: npt.NDArray[Any] | None = None

    @classmethod
    def stated(cls, tensor: Tensor) -> "Value":
        """Return what is known of an array of the file."""
        held = {"int32": object, "int64": object, "float32": np.float64}.get(tensor.dtype.name)
        return cls(tensor.shape, tensor.astype(held) if held and tensor.size <= _MOST_FOLLOWED else None)

    @property
    def sizes(self) -> Shape:
        """The numbers as whole ones: sizes, axes or places."""
        return tuple(int(number) for number in self.followed.reshape(-1))

    @property
    def followed(self) -> npt.NDArray[Any]:
        """The numbers.

        Raises:
            ModelError: if they are not known.
        """
        if self.numbers is None:
            raise ModelError("takes sizes or places that are not known before something is drawn")
        return self.numbers


class Made(NamedTuple):
    """What a node makes, and what that takes.

    Attributes:
        value: its output.
        work: a shape that has an entry for each multiply-add of a product; None for other operators.
        scratch: the shapes of arrays that are made on the way.
    """

    value: Value
    work: Shape | None = None
    scratch: tuple[Shape, ...] = ()


def infer(node: Node, inputs: Sequence[Value | None]) -> Made:
    """Return what a node makes of its inputs; None is one left out.

    Raises:
        ModelError: if they do not fit, or its output's shape depends on more than theirs.
    """
    if node.operator == "Resize":
        return _resize(inputs)
    if node.operator == "Slice":
        return Made(_slice(inputs, node.attributes))
    given = [value for value in inputs if value is not None]
    if node.operator in _PRODUCTS:
        return _PRODUCTS[node.operator](given, node.attributes)
    if node.operator in _OTHERS:
        return Made(_OTHERS[node.operator](given, node.attributes))
    return Made(Value(broadcast(*(value.shape for value in given)), _calculated(node.operator, given)))


def _calculated(operator: str, values: Sequence[Value]) -> npt.NDArray[Any] | None:
    """Return sums, differences, products and quotients of whole numbers, and of `BATCH` the products."""
    numbers = [
        value.numbers for value in values if value.numbers is not None and value.numbers.dtype == object
    ]
    if operator not in _ARITHMETIC or not len(numbers) == len(values) == 2:
        return None
    left, right = np.broadcast_arrays(*numbers)
    if left.size > _MOST_FOLLOWED:
        return None
    found = np.empty(left.shape, object)
    found.reshape(-1)[:] = [_ARITHMETIC[operator](a, b) for a, b in zip(left.flat, right.flat, strict=True)]
    return None if None in found.reshape(-1).tolist() else found


def _within(number: int) -> int | None:
    return number if abs(number) < _MOST_CALCULATED else None


def _product(a: int, b: int) -> int | None:
    low, high = sorted((a, b))
    return low * high if high >= BATCH and 0 < low < _MOST_CALCULATED else _within(a * b)


_ARITHMETIC: Mapping[str, Callable[[int, int], int | None]] = {
    "Add": lambda a, b: _within(a + b),
    "Sub": lambda a, b: _within(a - b),
    "Mul": _product,
    "Div": lambda a, b: _within(a // b) if a >= 0 and 0 < b < BATCH else None,
}


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ModelError("names an axis that there is not")
    return axis % rank


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape of arrays that are spread over each other."""
    several = {shape for shape in shapes if shape}
    if len(several) <= 1:  # as it mostly is: a value, and a number
        return several.pop() if several else ()
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    return tuple(_common({size for size in column if size != 1} or {1}) for column in columns)


def _common(sizes: set[int]) -> int:
    if len(sizes) > 1:
        raise ModelError("takes values that do not fit each other")
    (size,) = sizes
    return size


Attributes = Mapping[str, Any]

# The products.

_PER_PRODUCT = 16  # numbers that onnxruntime keeps about each matrix product of many


def _conv(inputs: Sequence[Value], attributes: Attributes) -> Made:
    images, weight = inputs[0].shape, inputs[1].shape
    kernel = weight[2:]
    before, spans, strides = images[2:], _spans(kernel, attributes), _steps("strides", kernel, attributes)
    if attributes.get("auto_pad", "NOTSET").startswith("SAME"):
        after = tuple(-(-size // step) for size, step in zip(before, strides, strict=True))
        padded = tuple(size + span for size, span in zip(before, spans, strict=True))
    else:
        padded = tuple(size + more for size, more in zip(before, _padding(kernel, attributes), strict=True))
        walks = zip(padded, spans, strides, strict=True)
        after = tuple((size - span) // step + 1 for size, span, step in walks)
    batch, channels = images[:2]
    group = attributes.get("group", 1)
    if group < 1 or channels != weight[1] * group or weight[0] % group:
        raise ModelError("has a kernel that does not fit its channels")
    _check_bias(inputs[2:], weight[0])
    return Made(
        Value((batch, weight[0], *after)),
        work=(batch, weight[0], *after, *weight[1:]),
        scratch=((batch, channels, *padded), (batch, channels, *kernel, *after)),
    )


def _conv_transpose(inputs: Sequence[Value], attributes: Attributes) -> Made:
    images, weight = inputs[0].shape, inputs[1].shape
    kernel = weight[2:]
    (batch, channels, *before), group = images, attributes.get("group", 1)
    if group < 1 or channels != weight[0] or channels % group:
        raise ModelError("has a kernel that does not fit its channels")
    outputs = weight[1] * group
    _check_bias(inputs[2:], outputs)
    strides = _steps("strides", kernel, attributes)
    beyond = attributes.get("output_padding", (0,) * len(kernel))
    reaches = zip(before, strides, _spans(kernel, attributes), beyond, strict=True)
    canvas = tuple((size - 1) * step + span + more for size, step, span, more in reaches)
    if "output_shape" in attributes:
        after = tuple(attributes["output_shape"])[-len(kernel) :]
    elif attributes.get("auto_pad", "NOTSET").startswith("SAME"):
        strided = (size * step for size, step in zip(before, strides, strict=True))
        after = tuple(map(min, strided, canvas))
    else:
        after = tuple(size - less for size, less in zip(canvas, _padding(kernel, attributes), strict=True))
    return Made(
        Value((batch, outputs, *after)),
        work=(batch, channels, *before, *weight[1:]),
        scratch=((batch, outputs, *canvas), (batch, outputs, *kernel, *before)),
    )


def _spans(kernel: Shape, attributes: Attributes) -> Shape:
    """Return what a dilated kernel covers."""
    if tuple(attributes.get("kernel_shape", kernel)) != kernel:
        raise ModelError("has a kernel of another shape than it says")
    dilations = _steps("dilations", kernel, attributes)
    return tuple((size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True))


def _steps(name: str, kernel: Shape, attributes: Attributes) -> Shape:
    steps = tuple(attributes.get(name, (1,) * len(kernel)))
    if min(steps, default=1) < 1:
        raise ModelError(f"has {name} below 1")
    return steps


def _padding(kernel: Shape, attributes: Attributes) -> Shape:
    """Return the padding of both ends, together."""
    rank = len(kernel)
    none = (0,) * 2 * rank
    pads = none if attributes.get("auto_pad") == "VALID" else attributes.get("pads", none)
    return tuple(begin + end for begin, end in zip(pads[:rank], pads[rank:], strict=True))


def _check_bias(bias: Sequence[Value], channels: int) -> None:
    if any(value.shape != (channels,) for value in bias):
        raise ModelError("has a bias of another length than its output has channels")


def _gemm(inputs: Sequence[Value], attributes: Attributes) -> Made:
    (rows, inner), (other, columns) = (
        value.shape[::-1] if attributes.get(name, 0) else value.shape
        for value, name in zip(inputs, ("transA", "transB"), strict=False)
    )
    if broadcast((rows, columns), *(value.shape for value in inputs[2:])) != (rows, columns):
        raise ModelError("adds more than its product has")
    return Made(Value((rows, columns)), work=(rows, columns, _common({inner, other})))


def _matmul(inputs: Sequence[Value], _: Attributes) -> Made:
    left, right = inputs[0].shape, inputs[1].shape
    inner = _common({left[-1], right[-2] if len(right) > 1 else right[0]})
    products = broadcast(left[:-2], right[:-2])
    shape = (*products, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
    return Made(Value(shape), work=(*shape, inner), scratch=((*products, _PER_PRODUCT),) if products else ())


# The operators that move numbers, or state them, and those that take them one by one to something of another shape.


def _resize(inputs: Sequence[Value | None]) -> Made:
    """Infer it from sizes or scales; the inputs are array, region, scales, sizes, or in opset 10 array, scales."""
    array, *others = inputs
    if array is None:
        raise ModelError("takes nothing")
    scales, sizes = (*others, None) if len(others) == 1 else (*others[1:], None)[:2]
    given = [value for value in (scales, sizes) if value is not None and value.shape != (0,)]
    if len(given) != 1:
        raise ModelError("takes scales or sizes, one of both")
    if given[0] is sizes:
        after = sizes.sizes
    else:
        pairs = zip(array.shape, given[0].followed.tolist(), strict=True)
        after = tuple(math.floor(size * scale) for size, scale in pairs)
    largest = tuple(max(pair) for pair in zip(array.shape, after, strict=True))
    return Made(Value(after), scratch=(largest,))


def _cast(inputs: Sequence[Value], attributes: Attributes) -> Value:
    (value,) = inputs
    whole = value.numbers is not None and value.numbers.dtype == object
    return value if whole and attributes["to"] == _INT64 else Value(value.shape)


def _clip(inputs: Sequence[Value], _: Attributes) -> Value:
    shape = inputs[0].shape
    if broadcast(*(value.shape for value in inputs)) != shape:
        raise ModelError("has more limits than numbers")
    return Value(shape)


def _concat(inputs: Sequence[Value], attributes: Attributes) -> Value:
    first = inputs[0].shape
    axis = _axis(attributes["axis"], len(first))
    size = sum(value.shape[axis] for value in inputs)
    shape = list(first)
    for place in set(range(len(first))) - {axis}:
        shape[place] = _common({value.shape[place] for value in inputs})
    shape[axis] = size
    numbers = [value.numbers for value in inputs if value.numbers is not None]
    followed = len(numbers) == len(inputs) and size <= _MOST_FOLLOWED
    return Value(tuple(shape), np.concatenate(numbers, axis) if followed else None)


def _constant(_: Sequence[Value], attributes: Attributes) -> Value:
    (stated,) = attributes.values()
    return Value.stated(np.asarray(stated))


def _constant_of_shape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].sizes
    if math.prod(shape) > _MOST_FOLLOWED or min(shape, default=0) < 0:
        return Value(shape)
    return Value.stated(np.full(shape, attributes.get("value", np.float32(0))))


def _depth_to_space(inputs: Sequence[Value], attributes: Attributes) -> Value:
    batch, channels, height, width = inputs[0].shape
    side = attributes["blocksize"]
    return Value((batch, channels // side**2, height * side, width * side))


def _flatten(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape, axis = inputs[0].shape, attributes.get("axis", 1)
    return Value((math.prod(shape[:axis]), math.prod(shape[axis:])))


def _gather(inputs: Sequence[Value], attributes: Attributes) -> Value:
    data, places = inputs
    axis = _axis(attributes.get("axis", 0), len(data.shape))
    shape = (*data.shape[:axis], *places.shape, *data.shape[axis + 1 :])
    if data.numbers is None or places.numbers is None:
        return Value(shape)
    taken = np.take(data.numbers, places.numbers.astype(np.int64), axis)
    return Value(shape, np.asarray(taken, data.numbers.dtype))


def _one_hot(inputs: Sequence[Value], attributes: Attributes) -> Value:
    places, depth, _ = inputs
    (size,) = depth.sizes
    axis = _axis(attributes.get("axis", -1), len(places.shape) + 1)
    return Value((*places.shape[:axis], size, *places.shape[axis:]))


def _reduce(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].shape
    asked = _axes(inputs, attributes)
    if not asked and attributes.get("noop_with_empty_axes", 0):
        return Value(shape)
    axes = {_axis(axis, len(shape)) for axis in asked} if asked else set(range(len(shape)))
    sizes = [1 if axis in axes else size for axis, size in enumerate(shape)]
    kept = [size for axis, size in enumerate(sizes) if attributes.get("keepdims", 1) or axis not in axes]
    return Value(tuple(kept))


def _reshape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    before, asked = inputs[0].shape, inputs[1].sizes
    kept = not attributes.get("allowzero", 0)
    shape = [before[axis] if size == 0 and kept else size for axis, size in enumerate(asked)]
    if -1 in shape:
        rest = math.prod(size for size in shape if size != -1)
        shape[shape.index(-1)] = math.prod(before) // rest
    return _reshaped(inputs[0], tuple(shape))


def _shape(inputs: Sequence[Value], attributes: Attributes) -> Value:
    sizes = inputs[0].shape[attributes.get("start", 0) : attributes.get("end")]
    return Value((len(sizes),), np.array(sizes, object))


def _slice(inputs: Sequence[Value | None], attributes: Attributes) -> Value:
    array, *stated = inputs
    if array is None:
        raise ModelError("takes nothing")
    shape = list(array.shape)
    given = [None if value is None else value.sizes for value in stated]
    starts, ends, axes, steps = (*(given or (attributes["starts"], attributes["ends"])), None, None)[:4]
    axes = attributes.get("axes", range(len(starts))) if axes is None else axes
    cuts = [slice(None)] * len(shape)
    for axis, start, end, step in zip(axes, starts, ends, steps or (1,) * len(starts), strict=True):
        if (start, step) == (0, 1) and _TO_THE_END <= end < BATCH:
            continue
        if max(shape[_axis(axis, len(shape))], *map(abs, (start, end, step))) >= BATCH:
            raise ModelError("cuts pieces out of the pictures' order")
        cuts[axis] = slice(start, None if step < 0 and end < -_TO_THE_END else end, step)
        shape[axis] = len(range(*cuts[axis].indices(shape[axis])))
    return Value(tuple(shape), None if array.numbers is None else array.numbers[tuple(cuts)])


def _squeeze(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].shape
    asked = {_axis(axis, len(shape)) for axis in _axes(inputs, attributes)}
    axes = asked or {axis for axis, size in enumerate(shape) if size == 1}
    return _reshaped(inputs[0], tuple(size for axis, size in enumerate(shape) if axis not in axes))


def _transpose(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape = inputs[0].shape
    order = attributes.get("perm", range(len(shape))[::-1])
    return Value(tuple(shape[axis] for axis in order))


def _unsqueeze(inputs: Sequence[Value], attributes: Attributes) -> Value:
    shape, axes = inputs[0].shape, _axes(inputs, attributes)
    rank = len(shape) + len(axes)
    new, sizes = {_axis(axis, rank) for axis in axes}, iter(shape)
    return _reshaped(inputs[0], tuple(1 if axis in new else next(sizes) for axis in range(rank)))


def _axes(inputs: Sequence[Value], attributes: Attributes) -> Shape:
    """Return the axes that are named by the second input or, in opsets below 13, by an attribute."""
    return inputs[1].sizes if len(inputs) > 1 else tuple(attributes.get("axes", ()))


def _reshaped(value: Value, shape: Shape) -> Value:
    if math.prod(shape) != math.prod(value.shape):
        raise ModelError("cannot give its input that shape")
    return Value(shape, None if value.numbers is None else value.numbers.reshape(shape))


_PRODUCTS: Mapping[str, Callable[[Sequence[Value], Attributes], Made]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "MatMul": _matmul,
}
_OTHERS: Mapping[str, Callable[[Sequence[Value], Attributes], Value]] = {
    "BatchNormalization": lambda inputs, _: Value(inputs[0].shape),
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "DepthToSpace": _depth_to_space,
    "Expand": lambda inputs, _: Value(broadcast(inputs[0].shape, inputs[1].sizes)),
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": lambda inputs, _: inputs[0],
    "OneHot": _one_hot,
    "ReduceMean": _reduce,
    "ReduceSum": _reduce,
    "Reshape": _reshape,
    "Shape": _shape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}

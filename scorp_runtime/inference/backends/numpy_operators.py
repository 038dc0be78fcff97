"""The operators of exact models in NumPy, as https://onnx.ai/onnx/operators/ defines them for opsets 13 to 17.

Each function receives the inputs of a node (None for an omitted one) and its attributes, and returns its output.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError
from scorp_runtime.model.onnx_reader import ELEMENT_TYPES

from .numpy_convolution import conv, conv_transpose, max_pool

Array = npt.NDArray[Any]
Inputs = Sequence[Any]
Attributes = Mapping[str, Any]

_RESIZE_MODES = (("nearest", "half_pixel", "round_prefer_floor"), ("nearest", "asymmetric", "floor"))


def _argmax(inputs: Inputs, attributes: Attributes) -> Any:
    if attributes.get("select_last_index", 0):
        raise ModelError("the NumPy backend finds only the first of equal maxima")
    axis = attributes.get("axis", 0)
    return np.argmax(inputs[0], axis, keepdims=bool(attributes.get("keepdims", 1)))


def _clip(inputs: Inputs, attributes: Attributes) -> Array:
    array, low, high = (*inputs, None, None)[:3]
    raised: Array = array if low is None else np.maximum(array, low)
    return raised if high is None else np.minimum(raised, high)


def _constant(inputs: Inputs, attributes: Attributes) -> Any:
    if "value" not in attributes:
        raise ModelError("the NumPy backend supports only tensor constants")
    return attributes["value"]


def _depth_to_space(inputs: Inputs, attributes: Attributes) -> Any:
    batch, channels, height, width = inputs[0].shape
    side = attributes["blocksize"]
    if attributes.get("mode", "DCR") == "CRD":
        blocks = inputs[0].reshape(batch, -1, side, side, height, width).transpose(0, 1, 4, 2, 5, 3)
    else:
        blocks = inputs[0].reshape(batch, side, side, -1, height, width).transpose(0, 3, 4, 1, 5, 2)
    return blocks.reshape(batch, channels // side**2, height * side, width * side)


def _flatten(inputs: Inputs, attributes: Attributes) -> Any:
    rows = int(np.prod(inputs[0].shape[: attributes.get("axis", 1)], dtype=np.int64))
    return inputs[0].reshape(rows, -1)


def _gemm(inputs: Inputs, attributes: Attributes) -> Any:
    a, b, c = (*inputs, None)[:3]
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    alpha, beta = (np.asarray(attributes.get(name, 1.0), a.dtype) for name in ("alpha", "beta"))
    product = a @ b if alpha == 1 else alpha * (a @ b)
    return product if c is None else product + (c if beta == 1 else beta * c)


def _reshape(inputs: Inputs, attributes: Attributes) -> Any:
    array, shape = inputs[0], inputs[1].tolist()
    if not attributes.get("allowzero", 0):
        shape = [size or array.shape[axis] for axis, size in enumerate(shape)]
    return array.reshape(shape)


def _resize(inputs: Inputs, attributes: Attributes) -> Any:
    names = ("mode", "coordinate_transformation_mode", "nearest_mode")
    mode = tuple(attributes.get(name, default) for name, default in zip(names, _RESIZE_MODES[0], strict=True))
    array, _, scales, sizes = (*inputs, None, None, None)[:4]
    if scales is None or len(scales) == 0:
        scales = sizes / np.array(array.shape)
    if mode not in _RESIZE_MODES or any(scale < 1 or scale % 1 for scale in scales.tolist()):
        raise ModelError("the NumPy backend resizes only by repeating pixels")
    for axis, scale in enumerate(scales.astype(int)):
        array = array.repeat(scale, axis)
    return array


def _slice(inputs: Inputs, attributes: Attributes) -> Any:
    array, starts, ends, axes, steps = (*inputs, None, None)[:5]
    axes = range(len(starts)) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    cuts = [slice(None)] * array.ndim
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps, strict=True):
        cuts[axis] = slice(start, end, step)
    return array[tuple(cuts)]


def _squeeze(inputs: Inputs, attributes: Attributes) -> Any:
    array, axes = (*inputs, None)[:2]
    return np.squeeze(array, None if axes is None else tuple(axes.tolist()))


OPERATORS: Mapping[str, Callable[[Inputs, Attributes], Any]] = {
    "Add": lambda inputs, _: np.add(*inputs),
    "ArgMax": _argmax,
    "Cast": lambda inputs, attributes: inputs[0].astype(ELEMENT_TYPES[attributes["to"]]),
    "Clip": _clip,
    "Concat": lambda inputs, attributes: np.concatenate(inputs, attributes["axis"]),
    "Constant": _constant,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "DepthToSpace": _depth_to_space,
    "Div": lambda inputs, _: np.divide(*inputs, dtype=inputs[0].dtype),
    "Flatten": _flatten,
    "Floor": lambda inputs, _: np.floor(inputs[0]),
    "Gather": lambda inputs, attributes: np.take(inputs[0], inputs[1], attributes.get("axis", 0)),
    "Gemm": _gemm,
    "Identity": lambda inputs, _: inputs[0],
    "MatMul": lambda inputs, _: np.matmul(*inputs),
    "Max": lambda inputs, _: reduce(np.maximum, inputs),
    "MaxPool": max_pool,
    "Min": lambda inputs, _: reduce(np.minimum, inputs),
    "Mul": lambda inputs, _: np.multiply(*inputs),
    "Relu": lambda inputs, _: np.maximum(inputs[0], 0),
    "Reshape": _reshape,
    "Resize": _resize,
    "Round": lambda inputs, _: np.rint(inputs[0]),
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Sub": lambda inputs, _: np.subtract(*inputs),
    "Transpose": lambda inputs, attributes: np.transpose(inputs[0], attributes.get("perm")),
    "Unsqueeze": lambda inputs, _: np.expand_dims(inputs[0], tuple(inputs[1].tolist())),
}
"""The operators by name."""

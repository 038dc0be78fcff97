"""The operators of exact models in NumPy, as https://onnx.ai/onnx/operators/ defines them for opsets 13 to 17.

Each takes the inputs of a node (None for one left out) and its attributes, and returns its one output.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError
from scorp_runtime.model.onnx_reader import ELEMENT_TYPES

from .numpy_convolution import conv, conv_transpose
from .numpy_resize import resize

Array = npt.NDArray[Any]
Inputs = Sequence[Any]
Attributes = Mapping[str, Any]


def _cast(inputs: Inputs, attributes: Attributes) -> Array:
    array: Array = inputs[0].astype(ELEMENT_TYPES[attributes["to"]])
    return array


def _clip(inputs: Inputs, attributes: Attributes) -> Array:
    array, low, high = (*inputs, None, None)[:3]
    raised: Array = array if low is None else np.maximum(array, low)
    return raised if high is None else np.minimum(raised, high)


def _constant(inputs: Inputs, attributes: Attributes) -> Array:
    if "value" not in attributes:
        raise ModelError("the NumPy backend has no Constant but of a tensor")
    value: Array = attributes["value"]
    return value


def _depth_to_space(inputs: Inputs, attributes: Attributes) -> Array:
    batch, channels, height, width = inputs[0].shape
    side = attributes["blocksize"]
    if attributes.get("mode", "DCR") == "CRD":
        blocks = inputs[0].reshape(batch, -1, side, side, height, width).transpose(0, 1, 4, 2, 5, 3)
    else:
        blocks = inputs[0].reshape(batch, side, side, -1, height, width).transpose(0, 3, 4, 1, 5, 2)
    array: Array = blocks.reshape(batch, channels // side**2, height * side, width * side)
    return array


def _flatten(inputs: Inputs, attributes: Attributes) -> Array:
    axis = attributes.get("axis", 1)
    rows = int(np.prod(inputs[0].shape[:axis], dtype=np.int64))
    array: Array = inputs[0].reshape(rows, -1)
    return array


def _gather(inputs: Inputs, attributes: Attributes) -> Array:
    rows: Array = np.take(inputs[0], inputs[1], attributes.get("axis", 0))
    return rows


def _gemm(inputs: Inputs, attributes: Attributes) -> Array:
    a, b, c = (*inputs, None)[:3]
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    alpha, beta = (np.asarray(attributes.get(name, 1.0), a.dtype) for name in ("alpha", "beta"))
    product: Array = a @ b if alpha == 1 else alpha * (a @ b)
    return product if c is None else product + (c if beta == 1 else beta * c)


def _reshape(inputs: Inputs, attributes: Attributes) -> Array:
    array, shape = inputs[0], inputs[1].tolist()
    if not attributes.get("allowzero", 0):
        shape = [size or array.shape[axis] for axis, size in enumerate(shape)]
    reshaped: Array = array.reshape(shape)
    return reshaped


def _squeeze(inputs: Inputs, attributes: Attributes) -> Array:
    array, axes = (*inputs, None)[:2]
    squeezed: Array = np.squeeze(array, None if axes is None else tuple(axes.tolist()))
    return squeezed


def _unsqueeze(inputs: Inputs, attributes: Attributes) -> Array:
    return np.expand_dims(inputs[0], tuple(inputs[1].tolist()))


OPERATORS: Mapping[str, Callable[[Inputs, Attributes], Array]] = {
    "Add": lambda inputs, _: np.add(*inputs),
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda inputs, attributes: np.concatenate(inputs, attributes["axis"]),
    "Constant": _constant,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "DepthToSpace": _depth_to_space,
    "Div": lambda inputs, _: np.divide(*inputs, dtype=inputs[0].dtype),
    "Flatten": _flatten,
    "Floor": lambda inputs, _: np.floor(inputs[0]),
    "Gather": _gather,
    "Gemm": _gemm,
    "Identity": lambda inputs, _: inputs[0],
    "MatMul": lambda inputs, _: np.matmul(*inputs),
    "Max": lambda inputs, _: reduce(np.maximum, inputs),
    "Min": lambda inputs, _: reduce(np.minimum, inputs),
    "Mul": lambda inputs, _: np.multiply(*inputs),
    "Relu": lambda inputs, _: np.maximum(inputs[0], 0),
    "Reshape": _reshape,
    "Resize": resize,
    "Round": lambda inputs, _: np.rint(inputs[0]),
    "Squeeze": _squeeze,
    "Sub": lambda inputs, _: np.subtract(*inputs),
    "Transpose": lambda inputs, attributes: np.transpose(inputs[0], attributes.get("perm")),
    "Unsqueeze": _unsqueeze,
}
"""The operators by name."""

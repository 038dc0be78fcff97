"""Check a model file against the contract in `docs/reference/model-format.md`."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, printable, short_repr

from . import onnx_reader
from .limits import graph_size
from .limits.graph_size import GraphSize
from .metadata import ModelInfo
from .onnx_reader import OnnxModel, ValueInfo

HIGHEST_OPSET = 17
HIGHEST_IR = 8
LARGEST_SIDE = 1024
"""Largest height and width of an image, in pixels."""

# fmt: off
OPERATORS = frozenset((
    "Add", "Div", "Erf", "Exp", "Floor", "Max", "Min", "Mul", "Neg", "Pow", "Round", "Sqrt", "Sub",
    "Clip", "LeakyRelu", "Relu", "Sigmoid", "Softplus", "Tanh",
    "BatchNormalization", "Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool",
    "ArgMax", "ReduceMean", "ReduceSum", "Resize",
    "Cast", "Concat", "DepthToSpace", "Expand", "Flatten", "Gather", "Reshape", "Shape", "Slice",
    "Squeeze", "Transpose", "Unsqueeze",
    "Constant", "ConstantOfShape", "Identity", "OneHot",
))
# fmt: on
"""The operators of the default domain that a model may use."""

_DOMAINS = ("", "ai.onnx")
_INPUTS = {"noise": ("float32", 2), "label": ("int64", 1), "style": ("float32", 2)}
_OUTPUTS = {"image": ("uint8", 3)}


class CheckedModel(NamedTuple):
    """Properties of a valid model: metadata, columns of `noise`, height and width of an image, cost of an image."""

    info: ModelInfo
    noise_size: int
    image_shape: tuple[int, int]
    graph_size: GraphSize


def check(data: bytes) -> CheckedModel:
    """Check the contents of a model file; raise `ModelError` for the first part that breaks the contract."""
    model = onnx_reader.parse(data)
    _check_versions(model)
    _check_operators(model)
    inputs = _check_values(model.inputs, _INPUTS, "input")
    outputs = _check_values(model.outputs, _OUTPUTS, "output")
    (noise_size,), (columns,), (height, width) = inputs["noise"], inputs["style"], outputs["image"]
    if not 0 < noise_size < 1 << 16:
        raise ModelError(f"input 'noise' has {noise_size} columns; allowed are 1 to 65535")
    if not (0 < height <= LARGEST_SIDE and 0 < width <= LARGEST_SIDE):
        raise ModelError(f"output 'image' is {height} x {width}; sides are 1 to {LARGEST_SIDE} pixels")
    info = ModelInfo.from_metadata(model.metadata)
    if columns != len(info.knobs):
        raise ModelError(f"input 'style' has {columns} columns, but the metadata {len(info.knobs)} knobs")
    if weights_sha256(model.initialisers) != info.weights_sha256:
        raise ModelError("the weights do not match the checksum in the metadata: the file is damaged")
    return CheckedModel(info, noise_size, (height, width), graph_size.measure(model))


def weights_sha256(initialisers: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """Return the SHA-256, in hexadecimal, of a model's weights.

    It covers the initialisers in order of name: for each its UTF-8 name, a zero byte and its raw little-endian data.
    """
    digest = hashlib.sha256()
    for name in sorted(initialisers):
        array = initialisers[name]
        digest.update(name.encode() + b"\0")
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _check_versions(model: OnnxModel) -> None:
    if foreign := [domain for domain in model.opsets if domain not in _DOMAINS]:
        raise ModelError(f"the model imports operators of the domain {short_repr(foreign[0])}")
    if not 1 <= model.ir_version <= HIGHEST_IR:
        raise ModelError(f"IR version {model.ir_version} is not one of 1 to {HIGHEST_IR}")
    if len(model.opsets) != 1:
        raise ModelError("the model does not import exactly one opset")
    (opset,) = model.opsets.values()
    if not 1 <= opset <= HIGHEST_OPSET:
        raise ModelError(f"opset {opset} is not one of 1 to {HIGHEST_OPSET}")


def _check_operators(model: OnnxModel) -> None:
    for node in model.nodes:
        if node.domain not in _DOMAINS:
            name = printable(node.operator)[:80]
            raise ModelError(f"operator {name} is of the domain {short_repr(node.domain)}")
        if node.operator not in OPERATORS:
            raise ModelError(f"operator {short_repr(node.operator)} is not on the list of allowed operators")


def _check_values(
    values: tuple[ValueInfo, ...], promised: Mapping[str, tuple[str, int]], kind: str
) -> dict[str, list[int]]:
    """Check the inputs or outputs of a graph, and return the sizes of each without the batch dimension."""
    if len(values) != len(promised) or {value.name for value in values} != promised.keys():
        names = printable(", ".join(value.name for value in values))[:80] or "none"
        raise ModelError(f"the graph has the {kind}s {names}, not {', '.join(promised)}")
    sizes: dict[str, list[int]] = {}
    for name, found, shape in values:
        dtype, rank = promised[name]
        if found != dtype:
            raise ModelError(f"{kind} {name!r} is {found}, not {dtype}")
        if len(shape) != rank:
            raise ModelError(f"{kind} {name!r} has {len(shape)} dimensions, not {rank}")
        sizes[name] = [size for size in shape[1:] if size is not None]
        if shape[0] is not None or len(sizes[name]) < rank - 1:
            raise ModelError(f"{kind} {name!r} must leave its first dimension free and fix the others")
    return sizes

"""The contract between a model file and everything that runs it: what is refused, and why.

`docs/model-format.md` states the contract in words.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

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
"""The tallest and widest picture, in pixels."""

# fmt: off
OPERATORS = frozenset((
    "Add", "Div", "Erf", "Exp", "Floor", "Max", "Min", "Mul", "Neg", "Pow", "Round", "Sqrt", "Sub",
    "Clip", "LeakyRelu", "Relu", "Sigmoid", "Softplus", "Tanh",
    "BatchNormalization", "Conv", "ConvTranspose", "Gemm", "MatMul", "ReduceMean", "ReduceSum",
    "Resize",
    "Cast", "Concat", "DepthToSpace", "Expand", "Flatten", "Gather", "Reshape", "Shape", "Slice",
    "Squeeze", "Transpose", "Unsqueeze",
    "Constant", "ConstantOfShape", "Identity", "OneHot",
))
# fmt: on
"""The operators of the default domain that a model may use."""

_INPUTS = {"noise": ("float32", 2), "label": ("int64", 1), "style": ("float32", 2)}
_OUTPUTS = {"image": ("uint8", 3)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a model that keeps the contract promises: its metadata, and the sizes of its inputs, output and graph."""

    info: ModelInfo
    noise_size: int
    image_shape: tuple[int, int]
    graph_size: GraphSize


def check(data: bytes) -> Terms:
    """Check the bytes of a model file against the contract.

    Raises:
        ModelError: one line that says which part breaks it.
    """
    model = onnx_reader.parse(data)
    _check_versions(model)
    _check_operators(model)
    inputs = _check_values(model.inputs, _INPUTS, "input")
    outputs = _check_values(model.outputs, _OUTPUTS, "output")
    noise_size = _fixed(inputs["noise"])[0]
    height, width = _fixed(outputs["image"])
    if not 0 < noise_size < 1 << 16:
        raise ModelError(f"input 'noise' has {noise_size} columns")
    if not (0 < height <= LARGEST_SIDE and 0 < width <= LARGEST_SIDE):
        raise ModelError(f"output 'image' is {height} x {width}; sides are 1 to {LARGEST_SIDE} pixels")
    info = ModelInfo.from_metadata(model.metadata)
    columns = _fixed(inputs["style"])[0]
    if columns != len(info.knobs):
        raise ModelError(f"input 'style' has {columns} columns, but the metadata {len(info.knobs)} knobs")
    if weights_sha256(model.initialisers) != info.weights_sha256:
        raise ModelError("the weights do not match the checksum in the metadata: the file is damaged")
    return Terms(info, noise_size, (height, width), graph_size.measure(model))


def weights_sha256(initialisers: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """Return the checksum of a model's weights.

    Args:
        initialisers: name -> array, of any of the element types of the contract.

    Returns:
        SHA-256 in hexadecimal, over the initialisers in order of name: for each its UTF-8 name, a zero byte and
        its raw little-endian data.
    """
    digest = hashlib.sha256()
    for name in sorted(initialisers):
        array = initialisers[name]
        digest.update(name.encode() + b"\0")
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _check_versions(model: OnnxModel) -> None:
    foreign = [domain for domain in model.opsets if domain not in ("", "ai.onnx")]
    if foreign:
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
        if node.domain not in ("", "ai.onnx"):
            raise ModelError(
                f"operator {printable(node.operator)[:80]} is of the domain {short_repr(node.domain)}"
            )
        if node.operator not in OPERATORS:
            raise ModelError(f"operator {short_repr(node.operator)} is not on the list of allowed operators")


def _check_values(
    values: tuple[ValueInfo, ...], promised: Mapping[str, tuple[str, int]], kind: str
) -> dict[str, ValueInfo]:
    found = {value.name: value for value in values}
    if len(values) != len(promised) or found.keys() != promised.keys():
        names = printable(", ".join(value.name for value in values))[:80] or "none"
        raise ModelError(f"the graph has the {kind}s {names}, not {', '.join(promised)}")
    for name, (dtype, rank) in promised.items():
        value = found[name]
        if value.dtype != dtype:
            raise ModelError(f"{kind} {name!r} is {value.dtype}, not {dtype}")
        if len(value.shape) != rank:
            raise ModelError(f"{kind} {name!r} has {len(value.shape)} dimensions, not {rank}")
        if value.shape[0] is not None or None in value.shape[1:]:
            raise ModelError(f"{kind} {name!r} must leave its first dimension free and fix the others")
    return found


def _fixed(value: ValueInfo) -> tuple[int, ...]:
    return tuple(size for size in value.shape[1:] if size is not None)

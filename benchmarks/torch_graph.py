"""A model file as a torch module with the same operations and weights."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from scorp_runtime.model import onnx_reader
from scorp_runtime.model.onnx_reader import Node

Values = Sequence[Any]
Attributes = Mapping[str, Any]


def torch_module(model: bytes) -> fx.GraphModule:
    """Return the model as flat torch code without lookups at run time, as if written by hand."""
    return fx.symbolic_trace(TorchGraph(model).eval())


class TorchGraph(nn.Module):
    """noise float32 (N, Z), label int64 (N,), style float32 (N, S) -> image uint8 (N, H, W).

    Constant subgraphs are computed once, as onnxruntime does.
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        graph = onnx_reader.parse(model)
        self.constants: dict[str, Any] = {
            name: torch.from_numpy(np.array(array)) for name, array in graph.initialisers.items()
        }
        self.nodes: list[Node] = []
        for node in graph.nodes:
            if all(name in self.constants for name in node.inputs if name):
                self.constants[node.outputs[0]] = apply(node, self.constants)
            else:
                self.nodes.append(node)

    def forward(self, noise: Tensor, label: Tensor, style: Tensor) -> Tensor:
        values = {**self.constants, "noise": noise, "label": label, "style": style}
        for node in self.nodes:
            values[node.outputs[0]] = apply(node, values)
        image: Tensor = values["image"]
        return image


def apply(node: Node, values: Mapping[str, Any]) -> Any:
    return OPERATORS[node.operator]([values[name] if name else None for name in node.inputs], node.attributes)


def cast(inputs: Values, attributes: Attributes) -> Tensor:
    array: Tensor = inputs[0].to({1: torch.float32, 2: torch.uint8, 7: torch.int64}[attributes["to"]])
    return array


def clip(inputs: Values, attributes: Attributes) -> Tensor:
    low, high = (float(bound) for bound in inputs[1:])
    return torch.clamp(inputs[0], low, high)


def conv(inputs: Values, attributes: Attributes) -> Tensor:
    assert attributes["pads"][:2] == attributes["pads"][2:]
    return F.conv2d(*inputs, stride=attributes["strides"], padding=attributes["pads"][:2])


def conv_transpose(inputs: Values, attributes: Attributes) -> Tensor:
    assert attributes["pads"][:2] == attributes["pads"][2:]
    return F.conv_transpose2d(*inputs, stride=attributes["strides"], padding=attributes["pads"][:2])


def cut(inputs: Values, attributes: Attributes) -> Tensor:
    (start,), (end,), (axis,) = (part.tolist() for part in inputs[1:4])
    array: Tensor = inputs[0][(*[slice(None)] * axis, slice(start, end))]
    return array


def gather(inputs: Values, attributes: Attributes) -> Tensor:
    return torch.index_select(inputs[0], 1, inputs[1]) if attributes.get("axis", 0) else inputs[0][inputs[1]]


def gemm(inputs: Values, attributes: Attributes) -> Tensor:
    assert attributes.get("alpha", 1.0) == attributes.get("beta", 1.0) == 1.0
    assert not attributes.get("transA", 0)
    weight = inputs[1] if attributes.get("transB", 0) else inputs[1].T
    return F.linear(inputs[0], weight, *inputs[2:])


def resize(inputs: Values, attributes: Attributes) -> Tensor:
    assert attributes["mode"] == "nearest"
    return F.interpolate(inputs[0], scale_factor=inputs[2][2:].tolist(), mode="nearest")


def scalar(value: Any) -> Any:
    """Return a scalar tensor as a float, as torch code would use it."""
    return float(value) if isinstance(value, Tensor) and value.dim() == 0 else value


def binary(function: Callable[[Any, Any], Any]) -> Callable[[Values, Attributes], Any]:
    return lambda inputs, _: function(*map(scalar, inputs))


OPERATORS: Mapping[str, Callable[[Values, Attributes], Any]] = {
    "Add": binary(operator.add),
    "ArgMax": lambda inputs, attributes: inputs[0].argmax(attributes["axis"]),
    "Cast": cast,
    "Clip": clip,
    "Concat": lambda inputs, attributes: torch.cat(list(inputs), attributes["axis"]),
    "Constant": lambda inputs, attributes: torch.from_numpy(np.array(attributes["value"])),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "DepthToSpace": lambda inputs, attributes: F.pixel_shuffle(inputs[0], attributes["blocksize"]),
    "Div": binary(operator.truediv),
    "Floor": lambda inputs, _: torch.floor(inputs[0]),
    "Gather": gather,
    "Gemm": gemm,
    "Identity": lambda inputs, _: inputs[0],
    "MatMul": lambda inputs, _: inputs[0] @ inputs[1],
    "Max": lambda inputs, _: torch.maximum(*inputs),
    "MaxPool": lambda inputs, attributes: F.max_pool2d(inputs[0], attributes["kernel_shape"], 1, 1),
    "Min": lambda inputs, _: torch.minimum(*inputs),
    "Mul": binary(operator.mul),
    "Relu": lambda inputs, _: torch.relu(inputs[0]),
    "Reshape": lambda inputs, _: inputs[0].reshape(inputs[1].tolist()),
    "Resize": resize,
    "Round": lambda inputs, _: torch.round(inputs[0]),
    "Slice": cut,
    "Squeeze": lambda inputs, _: inputs[0].squeeze(int(inputs[1])),
    "Sub": binary(operator.sub),
    "Transpose": lambda inputs, attributes: inputs[0].permute(attributes["perm"]),
    "Unsqueeze": lambda inputs, _: inputs[0].unsqueeze(int(inputs[1])),
}

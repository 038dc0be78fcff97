"""Write a trained judge as a small ONNX file: batch norm folded, weights stored as int8 and cast in the graph."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from scorp_runtime.files.atomic import atomic_file

from .network import FEATURES, JudgeNetwork

OPSET, IR_VERSION = 17, 8


@dataclass
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: list[onnx.TensorProto] = field(default_factory=list)

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def tensor(self, name: str, values: NDArray[np.generic]) -> str:
        self.tensors.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str, values: NDArray[np.float32]) -> str:
        """Rounded to int8 with one scale for each output channel; onnxruntime folds the product when it loads."""
        scale = np.abs(values.reshape(len(values), -1)).max(1) / 127
        scale = scale.reshape(-1, *[1] * (values.ndim - 1)).astype(np.float32)
        integers = self.tensor(f"{name}.int8", np.rint(values / scale).astype(np.int8))
        cast = self.node("Cast", [integers], f"{name}.cast", to=TensorProto.FLOAT)
        return self.node("Mul", [cast, self.tensor(f"{name}.scale", scale)], name)

    def block(self, name: str, block: nn.Sequential, source: str) -> str:
        """Convolution, with its batch norm folded in, and ReLU."""
        convolution, norm = block[0], block[1]
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        gain = norm.weight / (norm.running_var + norm.eps).sqrt()
        weight = self.weight(f"{name}.weight", _array(convolution.weight * gain[:, None, None, None]))
        bias = self.tensor(f"{name}.bias", _array(norm.bias - norm.running_mean * gain))
        strides = list(convolution.stride)
        self.node("Conv", [source, weight, bias], f"{name}.conv", pads=[1, 1, 1, 1], strides=strides)
        return self.node("Relu", [f"{name}.conv"], f"{name}.out")

    def linear(self, name: str, layer: nn.Linear, source: str, output: str) -> str:
        weight = self.weight(f"{name}.weight", _array(layer.weight))
        bias = self.tensor(f"{name}.bias", _array(layer.bias))
        return self.node("Gemm", [source, weight, bias], output, transB=1)


def _array(tensor: object) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().numpy(), np.float32)  # type: ignore[attr-defined]


def build(network: JudgeNetwork, classes: tuple[str, ...], metadata: dict[str, str]) -> onnx.ModelProto:
    """The ONNX model: `image` uint8 (N, 28, 28) -> `logits` float32 (N, K), `features` float32 (N, 64)."""
    graph = _Graph()
    image = graph.node("Cast", ["image"], "image.float", to=TensorProto.FLOAT)
    image = graph.node("Mul", [image, graph.tensor("grey", np.array(1 / 255, np.float32))], "image.unit")
    source = graph.node(
        "Unsqueeze", [image, graph.tensor("channel", np.array([1], np.int64))], "image.channel"
    )
    for number, block in enumerate(network.trunk):
        assert isinstance(block, nn.Sequential)
        source = graph.block(f"trunk{number}", block, source)
    pooled = graph.node("ReduceMean", [source], "pooled", axes=[2, 3], keepdims=0)
    squeezed = graph.node("Flatten", [graph.block("squeeze", network.squeeze, source)], "squeezed")
    joined = graph.node("Concat", [pooled, squeezed], "joined", axis=1)
    features = graph.linear("embed", network.embed, joined, "features")
    graph.linear("read", network.read, graph.node("Relu", [features], "features.relu"), "logits")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "judge",
            [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", 28, 28])],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", len(classes)]),
                helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", FEATURES]),
            ],
            graph.tensors,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="scorp_train.judge",
    )
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write the file whole or not at all."""
    with atomic_file(path) as file:
        file.write(model.SerializeToString())

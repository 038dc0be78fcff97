"""A trained judge as a small ONNX model: batch norm folded, weights stored as int8."""

import copy

import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrize import register_parametrization

from scorp_train.models.onnx_graph import trace

from .network import JudgeNetwork


class _Int8(nn.Module):
    """Stores a weight as int8 with one scale per output channel; onnxruntime multiplies them when it loads."""

    def forward(self, integers: Tensor, scale: Tensor) -> Tensor:
        return integers.float() * scale

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        scale = weight.flatten(1).abs().amax(1).view(-1, *[1] * (weight.dim() - 1)) / 127
        return torch.round(weight / scale).to(torch.int8), scale


class _StoredJudge(nn.Module):
    """Images uint8 (N, 28, 28) -> logits (N, K), features (N, 64), with int8 weights."""

    def __init__(self, network: JudgeNetwork) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        for block in (*self.network.trunk, self.network.squeeze):
            assert isinstance(block, nn.Sequential)
            convolution, norm = block[0], block[1]
            assert isinstance(convolution, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            block[0], block[1] = fuse_conv_bn_eval(convolution, norm).requires_grad_(False), nn.Identity()
        for layer in [layer for layer in self.network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]:
            register_parametrization(layer, "weight", _Int8())

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.network(image.float().unsqueeze(1) / 255)
        return logits, features


def build(network: JudgeNetwork, metadata: dict[str, str]) -> onnx.ModelProto:
    """Return the ONNX model: `image` uint8 (N, 28, 28) -> `logits` float32 (N, K), `features` float32 (N, 64)."""
    example = {"image": torch.zeros(2, 28, 28, dtype=torch.uint8)}
    model = trace(_StoredJudge(network), example, ["logits", "features"])
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model

"""Converts a torch generator to an ONNX graph."""

import io
import warnings
from collections.abc import Mapping

import onnx
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scorp_runtime.model.validation import HIGHEST_IR, HIGHEST_OPSET


def trace(picture: nn.Module, latent: int, knobs: int) -> onnx.ModelProto:
    """The graph of noise, label, style -> image, of any batch size, with weights as the module stores them."""
    example = (torch.zeros(2, latent), torch.zeros(2, dtype=torch.int64), torch.zeros(2, knobs))
    names = ["noise", "label", "style"]
    stream = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        sides = picture.eval()(*example).shape[1:]
        # The tracing exporter is the one that leaves int8 codes, casts and opset as they are asked for.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            picture,
            example,
            stream,  # type: ignore[arg-type]
            dynamo=False,
            opset_version=HIGHEST_OPSET,
            do_constant_folding=False,
            input_names=names,
            output_names=["image"],
            dynamic_axes={name: {0: "N"} for name in [*names, "image"]},
        )
    model = onnx.load_from_string(stream.getvalue())
    _restore_inputs(model.graph, dict(zip(names, example, strict=True)))
    # The tracer forgets the size of a picture behind a reshape.
    for dimension, side in zip(model.graph.output[0].type.tensor_type.shape.dim[1:], sides, strict=True):
        dimension.dim_value = side
    model.ir_version = HIGHEST_IR
    model.producer_version = model.doc_string = ""
    return model


def _restore_inputs(graph: onnx.GraphProto, examples: Mapping[str, torch.Tensor]) -> None:
    """Declares all inputs in their order; the tracer forgets those that a network has no use for."""
    found = {value.name: value for value in graph.input}
    for name, example in examples.items():
        kind = onnx.helper.np_dtype_to_tensor_dtype(example.numpy().dtype)
        missing = onnx.helper.make_tensor_value_info(name, kind, ["N", *example.shape[1:]])
        found[name] = found.pop(name, missing)
    del graph.input[:]
    graph.input.extend(found.values())


def multiply_adds(picture: nn.Module, latent: int, knobs: int) -> int:
    """Return the multiply-adds per image of convolutions and matrix products."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        picture(torch.zeros(1, latent), torch.zeros(1, dtype=torch.int64), torch.zeros(1, knobs))
    return int(counter.get_total_flops()) // 2

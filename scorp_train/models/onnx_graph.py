"""A torch module as an ONNX graph."""

import io
import warnings
from collections.abc import Mapping, Sequence

import onnx
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from scorp_runtime.model.validation import HIGHEST_IR, HIGHEST_OPSET


def trace(module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str]) -> onnx.ModelProto:
    """Return the graph of a module, for any batch size, with weights of the type that the module stores.

    Args:
        module: takes the inputs in order, and returns a tensor or a tuple of tensors.
        inputs: example tensors (2, ...) by the names of the graph's inputs.
        outputs: names of the graph's outputs.
    """
    stream = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        results = module.eval()(*inputs.values())
        # Only the tracing exporter keeps int8 weights, casts and the opset as requested.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            stream,  # type: ignore[arg-type]
            dynamo=False,
            opset_version=HIGHEST_OPSET,
            do_constant_folding=False,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: {0: "N"} for name in [*inputs, *outputs]},
        )
    model = onnx.load_from_string(stream.getvalue())
    _restore_inputs(model.graph, inputs)
    # The tracer loses the size of a tensor behind a reshape.
    for output, result in zip(
        model.graph.output, results if isinstance(results, tuple) else [results], strict=True
    ):
        for dimension, size in zip(output.type.tensor_type.shape.dim[1:], result.shape[1:], strict=True):
            dimension.dim_value = size
    model.ir_version = HIGHEST_IR
    model.producer_version = model.doc_string = ""
    return model


def _restore_inputs(graph: onnx.GraphProto, inputs: Mapping[str, Tensor]) -> None:
    """Declare all inputs in their order; the tracer drops those that a network does not use."""
    found = {value.name: value for value in graph.input}
    for name, example in inputs.items():
        kind = onnx.helper.np_dtype_to_tensor_dtype(example.numpy().dtype)
        missing = onnx.helper.make_tensor_value_info(name, kind, ["N", *example.shape[1:]])
        found[name] = found.pop(name, missing)
    del graph.input[:]
    graph.input.extend(found.values())


def multiply_adds(module: nn.Module, inputs: Mapping[str, Tensor]) -> int:
    """Return the multiply-adds per image, of convolutions and matrix products; `inputs` are as for `trace`."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        module(*(example[:1] for example in inputs.values()))
    return int(counter.get_total_flops()) // 2

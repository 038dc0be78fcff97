"""The NumPy backend: runs a network operator by operator, with the pixels of onnxruntime if the model is exact.

It serves platforms without onnxruntime, and the tests as a reference.
"""

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, printable
from scorp_runtime.model import onnx_reader
from scorp_runtime.model.onnx_reader import Node

from . import Inputs
from .numpy_operators import OPERATORS, Array

LOWEST_OPSET = 13
"""Older opsets define some operators differently."""


class NumpyNetwork:
    """The network of a valid model file. Values that depend on no input are computed once, here.

    Raises `ModelError` if the model uses what exact models do not use.
    """

    def __init__(self, model: bytes) -> None:
        graph = onnx_reader.parse(model)
        (opset,) = graph.opsets.values()
        if opset < LOWEST_OPSET:
            raise ModelError(f"the NumPy backend needs opset {LOWEST_OPSET} or later, not {opset}")
        self._constants: dict[str, Array] = dict(graph.initialisers)
        nodes: list[Node] = []
        for node in graph.nodes:
            if node.operator not in OPERATORS:
                raise ModelError(f"the NumPy backend does not support the operator {node.operator!r}")
            if all(name in self._constants for name in node.inputs if name):
                self._constants[node.outputs[0]] = _apply(node, self._constants)
            else:
                nodes.append(node)
        # Values are freed after their last reader, so that memory is reused while it is in the cache.
        last_reader = {name: node for node in nodes for name in node.inputs}
        kept = {*self._constants, "", "image"}
        self._steps = [
            (node, [name for name in {*node.inputs} - kept if last_reader[name] is node]) for node in nodes
        ]

    def run(self, inputs: Inputs) -> npt.NDArray[np.uint8]:
        """Return the images of these inputs; see `Backend.run`."""
        values = self._constants | dict(zip(("noise", "label", "style"), inputs, strict=True))
        for node, finished in self._steps:
            values[node.outputs[0]] = _apply(node, values)
            for name in finished:
                del values[name]
        return values["image"]


def _apply(node: Node, values: dict[str, Array]) -> Array:
    inputs = [values[name] if name else None for name in node.inputs]
    try:
        with np.errstate(all="ignore"):  # some matrix libraries leave a division flag set without cause
            return np.asarray(OPERATORS[node.operator](inputs, node.attributes))
    except ModelError:
        raise
    except Exception as error:  # shapes or types that do not match
        raise ModelError(f"NumPy cannot run {node.operator}: {printable(str(error))}") from error

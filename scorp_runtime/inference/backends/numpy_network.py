"""The NumPy backend: runs a network operator by operator, with the pixels of onnxruntime if the model is exact.

It serves platforms without onnxruntime, and the tests as a reference.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, printable, short_repr
from scorp_runtime.model import onnx_reader
from scorp_runtime.model.onnx_reader import Node

from .numpy_operators import OPERATORS, Array

LOWEST_OPSET = 13
"""Older opsets define some operators differently."""

_OUTPUT = "image"


@dataclass(frozen=True, slots=True)
class _Step:
    """A node that depends on the inputs, and the values that no later node reads."""

    node: Node
    finished: tuple[str, ...]


class NumpyNetwork:
    """One network as a list of steps. Values that depend on no input are computed once, here.

    Args:
        model: contents of a valid model file.

    Raises:
        ModelError: if the graph is inconsistent, or uses what exact models do not use.
    """

    def __init__(self, model: bytes) -> None:
        graph = onnx_reader.parse(model)
        (opset,) = graph.opsets.values()
        if opset < LOWEST_OPSET:
            raise ModelError(f"the NumPy backend needs opset {LOWEST_OPSET} or later, not {opset}")
        self._constants: dict[str, Array] = dict(graph.initialisers)
        known = {value.name for value in graph.inputs} | self._constants.keys()
        nodes: list[Node] = []
        for node in graph.nodes:
            _check(node, known)
            known.add(node.outputs[0])
            if all(name in self._constants for name in node.inputs if name):
                self._constants[node.outputs[0]] = _apply(node, self._constants)
            else:
                nodes.append(node)
        if _OUTPUT not in known:
            raise ModelError(f"no node of the graph has the output {_OUTPUT!r}")
        self._steps = _steps(nodes)

    def run(
        self, noise: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], styles: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.uint8]:
        """Return the images of these inputs; see `Backend.run`."""
        values = self._constants | {"noise": noise, "label": labels, "style": styles}
        for step in self._steps:
            values[step.node.outputs[0]] = _apply(step.node, values)
            for name in step.finished:
                del values[name]
        return values[_OUTPUT]


def _check(node: Node, known: set[str]) -> None:
    if node.operator not in OPERATORS:
        raise ModelError(f"the NumPy backend does not support the operator {node.operator!r}")
    if len(node.outputs) != 1:
        raise ModelError(f"{node.operator} has {len(node.outputs)} outputs, not 1")
    for name in node.inputs:
        if name and name not in known:
            raise ModelError(
                f"{node.operator} has the input {short_repr(name)}, which no earlier node produces"
            )


def _apply(node: Node, values: dict[str, Array]) -> Array:
    inputs = [values[name] if name else None for name in node.inputs]
    try:
        with np.errstate(all="ignore"):  # some matrix libraries leave a division flag set without cause
            return np.asarray(OPERATORS[node.operator](inputs, node.attributes))
    except ModelError:
        raise
    except Exception as error:  # shapes or types that do not match
        raise ModelError(f"NumPy cannot run {node.operator}: {printable(str(error))}") from error


def _steps(nodes: list[Node]) -> list[_Step]:
    """Note after each node the values that it is the last to read, so that they are freed at once."""
    steps: list[_Step] = []
    seen = {_OUTPUT}
    produced = {node.outputs[0] for node in nodes}
    for node in reversed(nodes):
        names = {*node.inputs, *node.outputs} & produced
        steps.append(_Step(node, tuple(names - seen)))
        seen |= names
    return steps[::-1]

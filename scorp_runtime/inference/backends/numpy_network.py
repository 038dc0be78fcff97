"""Runs a model with NumPy alone: slower than onnxruntime, and the same pixels where the model is exact.

For platforms that onnxruntime has no wheel for, and as the oracle of the tests. It runs the operators that exact
models are made of (`numpy_operators.py`), one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, printable, short_repr
from scorp_runtime.model import onnx_reader
from scorp_runtime.model.onnx_reader import Node

from .numpy_operators import OPERATORS, Array

LOWEST_OPSET = 13
"""Older opsets define some operators otherwise."""

_OUTPUT = "image"


@dataclass(frozen=True, slots=True)
class _Step:
    """A node that depends on the inputs, and the values that nobody needs after it."""

    node: Node
    finished: tuple[str, ...]


class NumpyNetwork:
    """One network, as a list of steps; what depends on no input is computed here, once.

    Args:
        model: the bytes of a model file that keeps the contract.

    Raises:
        ModelError: if the graph is broken, or holds what no exact model does.
    """

    def __init__(self, model: bytes) -> None:
        graph = onnx_reader.parse(model)
        (opset,) = graph.opsets.values()
        if opset < LOWEST_OPSET:
            raise ModelError(f"the NumPy backend runs opset {LOWEST_OPSET} and later, not {opset}")
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
            raise ModelError(f"nothing in the graph makes {_OUTPUT!r}")
        self._steps = _steps(nodes)

    def run(
        self, noise: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], styles: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.uint8]:
        """Return the pictures, uint8 (N, H, W), of noise (N, Z), labels (N,) and styles (N, S).

        Raises:
            ModelError: if an operation fails, as in a damaged graph.
        """
        values = self._constants | {"noise": noise, "label": labels, "style": styles}
        for step in self._steps:
            values[step.node.outputs[0]] = _apply(step.node, values)
            for name in step.finished:
                del values[name]
        return values[_OUTPUT]


def _check(node: Node, known: set[str]) -> None:
    if node.operator not in OPERATORS:
        raise ModelError(f"the NumPy backend has no operator {node.operator!r}, which no exact model uses")
    if len(node.outputs) != 1:
        raise ModelError(f"{node.operator} has {len(node.outputs)} outputs, not 1")
    for name in node.inputs:
        if name and name not in known:
            raise ModelError(f"{node.operator} takes {short_repr(name)}, which nothing before it makes")


def _apply(node: Node, values: dict[str, Array]) -> Array:
    inputs = [values[name] if name else None for name in node.inputs]
    try:
        # Some matrix libraries leave the flag of a division by zero behind that never was.
        with np.errstate(all="ignore"):
            return np.asarray(OPERATORS[node.operator](inputs, node.attributes))
    except ModelError:
        raise
    except Exception as error:  # whatever NumPy says of shapes and types that do not fit
        raise ModelError(f"NumPy cannot run {node.operator}: {printable(str(error))}") from error


def _steps(nodes: Sequence[Node]) -> list[_Step]:
    """Note after each node the values whose last reader it is, so that they are freed at once."""
    steps: list[_Step] = []
    seen = {_OUTPUT}
    made = {node.outputs[0] for node in nodes}
    for node in reversed(nodes):
        names = {*node.inputs, *node.outputs} & made
        steps.append(_Step(node, tuple(names - seen)))
        seen |= names
    return steps[::-1]

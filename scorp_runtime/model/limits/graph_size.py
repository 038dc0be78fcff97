"""Compute how much memory and work a graph takes, before it runs.

A file of a few hundred bytes can request terabytes, with an `Expand` of one number, or days, with a product of two such
values. So the shapes of all values are inferred first. A model is refused if that fails, or if it takes more than any
generator of handwriting needs.
"""

import math
from typing import NamedTuple

from scorp_runtime.errors import ModelError, short_repr
from scorp_runtime.model.onnx_reader import Node, OnnxModel

from .shape_rules import BATCH, Result, Shape, Value, infer

MOST_NUMBERS = 1 << 26
"""Limit on the numbers in all values of a graph, for one image; also on those that do not depend on the image."""
MOST_WORK = 1 << 31
"""Limit on the multiply-adds of all products, likewise."""
MOST_READ = 1 << 30
"""Limit on the numbers that all nodes read, likewise."""
MOST_NODES = 1 << 13

_MOST_DIMENSIONS = 32


class GraphSize(NamedTuple):
    """The cost of an image: `numbers` in all values together, and `work`, the multiply-adds of all products."""

    numbers: int
    work: int

    def images_at_once(self, most: int) -> int:
        """Return how many images, up to `most`, one run can draw within the limits for one image."""
        return max(1, min(most, MOST_NUMBERS // max(1, self.numbers), MOST_WORK // max(1, self.work)))


class _Total:
    """The total size of shapes, separately for those with a batch dimension and those without, up to a limit."""

    def __init__(self, most: int, complaint: str) -> None:
        self.per_image = self.fixed = 0
        self._most = most
        self._complaint = f"{complaint} ({most} for an image)"

    def add(self, shape: Shape) -> None:
        if len(shape) > _MOST_DIMENSIONS or min(shape, default=0) < 0:
            raise ModelError("has a result of an impossible shape")
        batch = [size for size in shape if size >= BATCH]
        # An empty value may be large otherwise.
        count = math.prod(shape) or math.prod(size or 1 for size in shape)
        if not batch:
            self.fixed += count
        elif len(batch) == 1 and batch[0] % BATCH == 0:
            self.per_image += count // BATCH
        else:
            raise ModelError("has a result that does not grow in proportion to the number of images")
        if self.fixed > self._most or self.per_image > self._most:
            raise ModelError(self._complaint)


def measure(model: OnnxModel) -> GraphSize:
    """Infer the shapes of a graph; raise `ModelError` if one is unknown, too large, or not the promised one."""
    if len(model.nodes) > MOST_NODES:
        raise ModelError(f"the graph has {len(model.nodes)} nodes; the limit is {MOST_NODES}")
    numbers = _Total(MOST_NUMBERS, "exceeds the limit on numbers in all values")
    work = _Total(MOST_WORK, "exceeds the limit on multiply-adds")
    read = _Total(MOST_READ, "exceeds the limit on numbers that are read")
    values = {name: Value.of(tensor) for name, tensor in model.initialisers.items()}
    values |= {name: Value(_promised(shape)) for name, _, shape in model.inputs}
    for node in model.nodes:
        try:
            result = _infer(node, values)
            for name in filter(None, node.inputs):
                read.add(values[name].shape)
            for shape in (result.value.shape, *result.scratch):
                numbers.add(shape)
            if result.work is not None:
                work.add(result.work)
        except ModelError as error:
            raise ModelError(f"{node.operator} {error}") from None
        values[node.outputs[0]] = result.value
    for name, _, promised in model.outputs:
        if name not in values:
            raise ModelError(f"no node of the graph makes {short_repr(name)}")
        if values[name].shape != _promised(promised):
            raise ModelError(f"{short_repr(name)} does not have the shape that the graph promises")
    return GraphSize(numbers.per_image, work.per_image)


def _promised(shape: tuple[int | None, ...]) -> Shape:
    return tuple(BATCH if size is None else size for size in shape)


def _infer(node: Node, values: dict[str, Value]) -> Result:
    if len(node.outputs) != 1:
        raise ModelError(f"has {len(node.outputs)} outputs, not 1")
    if node.outputs[0] in values:
        raise ModelError(f"makes {short_repr(node.outputs[0])}, which exists already")
    for name in node.inputs:
        if name and name not in values:
            raise ModelError(f"reads {short_repr(name)}, which no earlier node makes")
    try:
        return infer(node, [values[name] if name else None for name in node.inputs])
    except (MemoryError, ModelError):
        raise
    except Exception as error:  # any of Python and NumPy, for attributes and shapes that do not match
        raise ModelError("does not match its inputs or its attributes") from error

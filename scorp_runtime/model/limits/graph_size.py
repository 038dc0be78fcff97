"""How large the values of a graph become, told before anything runs.

A file of a few hundred bytes may ask for terabytes, with an `Expand` of one number, or for days, with a product of two
of those. So the shapes of all values are worked out first, and a model for which they cannot be, or which takes more
than any generator of handwriting needs, is refused.
"""

import math
from typing import NamedTuple

from scorp_runtime.errors import ModelError, short_repr
from scorp_runtime.model.onnx_reader import Node, OnnxModel

from .shape_rules import BATCH, Made, Shape, Value, infer

MOST_NUMBERS = 1 << 26
"""The most numbers that the values of a graph may have in all, for one picture; and those that no picture changes."""
MOST_WORK = 1 << 31
"""The most multiply-adds of products, likewise."""
MOST_READ = 1 << 30
"""The most numbers that the nodes may take in all, likewise."""
MOST_NODES = 1 << 13

_MOST_DIMENSIONS = 32


class GraphSize(NamedTuple):
    """What a picture takes: `numbers` in all values together, and `work`, the multiply-adds of all products."""

    numbers: int
    work: int

    def images_at_once(self, most: int) -> int:
        """Return how many pictures, up to `most`, one run may draw without taking more than one picture may."""
        return max(1, min(most, MOST_NUMBERS // max(1, self.numbers), MOST_WORK // max(1, self.work)))


class _Sum:
    """Entries of shapes, of those with a row for each picture and of those without one, up to a limit."""

    def __init__(self, most: int, complaint: str) -> None:
        self.per_picture = self.fixed = 0
        self._most = most
        self._complaint = complaint

    def add(self, shape: Shape) -> None:
        if len(shape) > _MOST_DIMENSIONS or min(shape, default=0) < 0:
            raise ModelError("makes a value of an impossible shape")
        rows = [size for size in shape if size >= BATCH]
        # What is empty along one axis has a size along the others.
        count = math.prod(shape) or math.prod(size or 1 for size in shape)
        if not rows:
            self.fixed += count
        elif len(rows) == 1 and rows[0] % BATCH == 0:
            self.per_picture += count // BATCH
        else:
            raise ModelError("makes a value that does not grow in proportion to the number of pictures")
        if self.fixed > self._most or self.per_picture > self._most:
            raise ModelError(self._complaint)


def measure(model: OnnxModel) -> GraphSize:
    """Follow the shapes of a graph from its inputs to its outputs.

    Raises:
        ModelError: if they cannot be told, are not those that it promises, or are too large.
    """
    if len(model.nodes) > MOST_NODES:
        raise ModelError(f"the graph has {len(model.nodes)} nodes; {MOST_NODES} are the most")
    numbers = _Sum(MOST_NUMBERS, f"takes the values of a picture beyond {MOST_NUMBERS} numbers")
    work = _Sum(MOST_WORK, f"takes the work of a picture beyond {MOST_WORK} multiply-adds")
    read = _Sum(MOST_READ, f"takes the reading of a picture's values beyond {MOST_READ} numbers")
    values = {name: Value.stated(tensor) for name, tensor in model.initialisers.items()}
    for given in model.inputs:
        values[given.name] = Value(_promised(given.shape))
    for node in model.nodes:
        try:
            made = _infer(node, values)
            for name in filter(None, node.inputs):
                read.add(values[name].shape)
            for shape in (made.value.shape, *made.scratch):
                numbers.add(shape)
            if made.work is not None:
                work.add(made.work)
        except ModelError as error:
            raise ModelError(f"{node.operator} {error}") from None
        values[node.outputs[0]] = made.value
    for output in model.outputs:
        if output.name not in values:
            raise ModelError(f"nothing in the graph makes {short_repr(output.name)}")
        if values[output.name].shape != _promised(output.shape):
            raise ModelError(f"{short_repr(output.name)} is not of the shape that the graph promises")
    return GraphSize(numbers.per_picture, work.per_picture)


def _promised(shape: tuple[int | None, ...]) -> Shape:
    return tuple(BATCH if size is None else size for size in shape)


def _infer(node: Node, values: dict[str, Value]) -> Made:
    if len(node.outputs) != 1:
        raise ModelError(f"has {len(node.outputs)} outputs, not 1")
    if node.outputs[0] in values:
        raise ModelError(f"makes {short_repr(node.outputs[0])} once more")
    for name in node.inputs:
        if name and name not in values:
            raise ModelError(f"takes {short_repr(name)}, which nothing before it makes")
    try:
        return infer(node, [values[name] if name else None for name in node.inputs])
    except (MemoryError, ModelError):
        raise
    except Exception as error:  # whatever Python and NumPy say of attributes and shapes that do not fit
        raise ModelError("does not fit its inputs or its attributes") from error

"""Turns the graph of an exact model into steps, the functions of the C file, and plans the arena."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scorp_runtime.inference.backends.numpy_operators import OPERATORS
from scorp_runtime.model.onnx_reader import OnnxModel
from scorp_train.errors import ExportError

from .values import Array, Buffer, Table, Value, shift_of

_NOISE_SHIFT = 8
_RESERVED = {"arena", "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
             "extern", "float", "for", "goto", "if", "inline", "int", "label", "long", "out", "register", "restrict",
             "return", "short", "signed", "sizeof", "static", "struct", "sum", "switch", "typedef", "union", "unsigned",
             "void", "volatile", "while", "main"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Step:
    """A function of the C file: it stores a value in a buffer, or as the image if `target` is None."""

    name: str
    value: Value
    target: Buffer | None

    @property
    def inputs(self) -> list[Buffer]:
        """The buffers that it reads, each once."""
        return list(dict.fromkeys(self.value.reads))

    @property
    def needs_label(self) -> bool:
        """Whether it reads the label."""
        return any("label" in line for line in self.value.setup)

    @property
    def is_by_channel(self) -> bool:
        """Whether its expression needs the number of the channel."""
        return "[c]" in self.value.text


class Program:
    """The steps, tables and buffers of a graph. The rules of the operators call it while it walks over the nodes."""

    def __init__(
        self,
        model: OnnxModel,
        classes: int,
        style: tuple[int, Array, Array],
        rules: Mapping[str, Callable[["Program"], Value]],
    ) -> None:
        self.steps: list[Step] = []
        self.tables: list[Table] = []
        self.buffers: list[Buffer] = []
        self._names = Counter(_RESERVED)
        self._constants: dict[str, Any] = dict(model.initialisers)
        self._uses = Counter(name for node in model.nodes for name in node.inputs)
        sizes = {value.name: value.shape[-1] or 0 for value in model.inputs}
        ends = np.full((1, sizes["noise"]), 2.0**15)
        self._values = {
            "noise": self._stored("noise", Value(ends.shape, "", -ends, ends - 1, _NOISE_SHIFT)),
            "style": self._stored("style", Value((1, sizes["style"]), "", style[1], style[2], style[0])),
            "label": Value((1,), "label", np.zeros(1), np.full(1, classes - 1.0)),
        }
        self.noise, self.style = self.buffers
        for node in model.nodes:
            self.node = node
            if all(name in self._constants for name in node.inputs if name):
                inputs = [self._constants[name] if name else None for name in node.inputs]
                self._constants[node.outputs[0]] = np.asarray(
                    OPERATORS[node.operator](inputs, node.attributes)
                )
                continue
            if node.operator not in rules:
                raise ExportError(f"the C file cannot compute {node.operator}")
            value = rules[node.operator](self)
            is_shared = self._uses[node.outputs[0]] > 1
            self._values[node.outputs[0]] = self.stored(value) if is_shared else value
        self._step(self.plain(self._values["image"]), None)
        self.arena = self._place()

    # What the rules read. Inputs of the current node go by number.

    def constant(self, number: int) -> Any:
        """Return an input as an array, None if it is omitted; raise `ExportError` if it depends on the image."""
        name = self.node.inputs[number] if number < len(self.node.inputs) else ""
        if not name:
            return None
        if name not in self._constants:
            raise ExportError(f"the C file needs a constant as input {number} of {self.node.operator}")
        return self._constants[name]

    def is_constant(self, number: int) -> bool:
        """Return whether an input does not depend on the image."""
        return self.node.inputs[number] in self._constants

    def value(self, number: int) -> Value:
        """Return an input as a value: a constant becomes a literal or a table."""
        if not self.is_constant(number):
            return self._values[self.node.inputs[number]]
        array = np.asarray(self.constant(number), np.float64)
        table, shift = self.integers(array)
        if array.size == 1:
            return Value(array.shape, str(int(table.item())), table, table, shift)
        base = self.table("values", table)
        return Value(array.shape, f"{base}[i]", table, table, shift, base=base)

    @staticmethod
    def integers(array: Array) -> tuple[Array, int]:
        """Return an array as integers, and their shift."""
        array = np.asarray(array, np.float64)
        shift = shift_of(array)
        return array * 2.0**shift, shift

    # What the rules write.

    def name(self) -> str:
        """Return a name for the current node: that of its module, or of its operator at the top level."""
        *_, module = ["", *[part for part in self.node.outputs[0].split("/") if part][1:-1]]
        return "".join(
            letter if letter.isalnum() else "_" for letter in (module or self.node.operator).lower()
        )

    def table(self, suffix: str, values: Array) -> str:
        """Add a constant array of integers, and return its name."""
        table = Table(self._unique(f"{self.name()}_{suffix}"), np.asarray(values, np.int64).ravel())
        self.tables.append(table)
        return table.name

    def stored(self, value: Value) -> Value:
        """Return the value as a buffer of the arena, which a step of its own fills unless it is one already."""
        if value.buffer is not None:
            return value
        value = self.plain(value)
        stored = self._stored(self._unique(value.name or self.name()), value)
        self._step(value, stored.buffer)
        return stored

    def in_memory(self, value: Value) -> Value:
        """Return the value in memory: as a buffer, or where it is in a table."""
        return value if value.base is not None else self.stored(value)

    def part(self, value: Value, first: int, size: int) -> Value:
        """Return `size` elements of a stored value, from `first` on, as a row."""
        assert value.buffer is not None
        low, high = (
            np.broadcast_to(end, value.shape).ravel()[first : first + size] for end in (value.low, value.high)
        )
        row = replace(value, shape=(1, size), low=low.reshape(1, -1), high=high.reshape(1, -1))
        return self._stored(self._unique(f"{value.buffer.name}_part"), row, value.buffer, first)

    def joined(self, values: list[Value], shape: tuple[int, ...]) -> Value:
        """Return values one after the other. Buffers move into the result if they can; other values are copied."""
        shift = max(int(value.shift) for value in values)
        scaled = [value.scaled(shift) for value in values]
        low, high = (
            np.concatenate(
                [np.broadcast_to(getattr(value, end), value.shape).ravel() for value in scaled]
            ).reshape(shape)
            for end in ("low", "high")
        )
        whole = self._stored(self._unique(self.name()), Value(shape, "", low, high, shift))
        assert whole.buffer is not None
        offset = 0
        for value in scaled:
            if value.buffer is not None and self._is_free(value.buffer):
                value.buffer.parent, value.buffer.offset = whole.buffer, offset
            else:
                part = self._stored(self._unique(f"{whole.buffer.name}_part"), value, whole.buffer, offset)
                self._step(value, part.buffer)
            offset += value.size
        return whole

    def plain(self, value: Value) -> Value:
        """Return a value with one unit for all channels and without a pending clip."""
        clip = value.clip
        if not isinstance(value.shift, int):
            most = int(value.shift.max())
            factors = 2 ** (most - value.shift)
            columns = factors.reshape(1, -1, *(1,) * (len(value.shape) - 2))
            text = f"({value.text} * {self.table('unit', factors)}[c])"
            value = value.computed(text, value.low * columns, value.high * columns, most)
        if clip is None:
            return value
        value = value.scaled(max(int(value.shift), 0))
        return value.clamped(clip[0] << int(value.shift), clip[1] << int(value.shift))

    def fused(self, a: Value, b: Value) -> tuple[Value, Value, tuple[int, ...]]:
        """Return two operands that fit into one loop over the elements of the result, and the result's shape."""
        a, b = self.plain(a), self.plain(b)
        shape = np.broadcast_shapes(a.shape, b.shape)
        if a.kernel is not None and b.kernel is not None:
            a = self.stored(a)
        return self._spread(a, shape), self._spread(b, shape), shape

    def _spread(self, value: Value, shape: tuple[int, ...]) -> Value:
        size = math.prod(shape)
        if value.size == size or "[" not in value.text:
            return value
        padded = (1,) * (len(shape) - len(value.shape)) + value.shape
        if value.size > 1 and padded[1] != value.size:
            raise ExportError(f"the C file cannot compute {self.node.operator} of {value.shape} and {shape}")
        value = self.in_memory(value)
        return replace(value, text=f"{value.base}[{'0' if value.size == 1 else 'c'}]", base=None, buffer=None)

    def _stored(self, name: str, value: Value, parent: Buffer | None = None, offset: int = 0) -> Value:
        buffer = Buffer(
            name,
            value.size,
            float(value.low.min(initial=0)),
            float(value.high.max(initial=0)),
            parent,
            offset,
        )
        self.buffers.append(buffer)
        self._names[name] = self._names[name] or 1
        return Value(
            value.shape,
            f"{name}[i]",
            value.low,
            value.high,
            value.shift,
            value.name,
            name,
            buffer,
            reads=(buffer,),
        )

    def _step(self, value: Value, target: Buffer | None) -> None:
        self.steps.append(Step(target.name if target else "image", value, target))

    def _unique(self, name: str) -> str:
        self._names[name] += 1
        return name if self._names[name] == 1 else self._unique(f"{name}_{self._names[name]}")

    def _is_free(self, buffer: Buffer) -> bool:
        """Return whether a buffer may move: an input may not, nor one that has parts or is one."""
        parents = {other.parent for other in self.buffers}
        return buffer.parent is None and buffer not in parents and buffer not in (self.noise, self.style)

    def _place(self) -> int:
        """Place the buffers in the arena, the largest first, and return its size. Some share a place in turn."""
        first = {self.noise: -1, self.style: -1}
        last: dict[Buffer, int] = {}
        for number, step in enumerate(self.steps):
            for buffer in (*step.inputs, *filter(None, [step.target])):
                first.setdefault(buffer.root, number)
                last[buffer.root] = number
        placed: list[Buffer] = []
        for buffer in sorted(last, key=lambda buffer: -buffer.bytes):
            others = [
                other for other in placed if first[other] <= last[buffer] and first[buffer] <= last[other]
            ]
            for other in sorted(others, key=lambda other: other.offset):
                if other.offset - buffer.offset >= buffer.bytes:
                    break
                buffer.offset = max(buffer.offset, other.offset + other.bytes)
            placed.append(buffer)
        return max(buffer.offset + buffer.bytes for buffer in placed)

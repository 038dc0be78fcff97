"""Reads an ONNX file without the onnx package.

An ONNX file is a protocol-buffer message (`onnx.proto` of https://github.com/onnx/onnx). This module walks the wire
format once and returns what a SCORP model is made of: graph, initialisers as arrays, and metadata. Whatever the
bytes are, it either returns or raises `ModelError`, in time and memory that a limit on the number of parts bounds.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, short_repr

ELEMENT_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
}
"""The element types of SCORP models, as numpy names them, by their number in `TensorProto.DataType`."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EXTERNAL = 1
_MOST_DIMENSIONS = 32
_MOST_PARTS = (
    1 << 20
)  # fields, and integers of a list: each becomes an object of Python, from two bytes of the file

Tensor = npt.NDArray[np.generic]
Attribute = float | int | str | Tensor | tuple[float, ...] | tuple[int, ...] | tuple[str, ...]
_Value = int | memoryview
_Part = TypeVar("_Part")
# Named tuples: every start makes the classes, and each load many of them, in a fraction of the time of data classes.


class ValueInfo(NamedTuple):
    """An input or output: `dtype` as numpy names it, `shape` with None for a free dimension."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class Node(NamedTuple):
    """One operation; an input left out has the name ""."""

    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


class OnnxModel(NamedTuple):
    """The parts of a model file that SCORP reads. `opsets` maps a domain ("" is the default) to its version."""

    ir_version: int
    opsets: Mapping[str, int]
    inputs: tuple[ValueInfo, ...]
    outputs: tuple[ValueInfo, ...]
    nodes: tuple[Node, ...]
    initialisers: Mapping[str, Tensor]
    metadata: Mapping[str, str]


def parse(data: bytes) -> OnnxModel:
    """Read a model from the bytes of its file.

    Raises:
        ModelError: if the bytes are no ONNX model, or use what SCORP models do not: external data, sub-graphs,
            sparse tensors, functions, or other element types than float, double, float16, bool, (u)int8, int32,
            int64.
    """
    if not data:
        raise ModelError("the file is empty")
    message = _Message(memoryview(data), "model", _Budget(_MOST_PARTS))
    if message.has(20) or message.has(25):
        raise ModelError("the model holds functions or training information")
    graph = message.required(7, "graph", "a graph")
    if graph.has(15):
        raise ModelError("the graph holds sparse initialisers")
    opsets, properties = message.messages(8, "opset import"), message.messages(14, "metadata")
    return OnnxModel(
        ir_version=message.integer(1),
        opsets=_unique(((opset.text(1), opset.integer(2)) for opset in opsets), "opset import"),
        inputs=tuple(_value_info(part) for part in graph.messages(11, "value")),
        outputs=tuple(_value_info(part) for part in graph.messages(12, "value")),
        nodes=tuple(_node(part) for part in graph.messages(1, "node")),
        initialisers=_unique((_tensor(part) for part in graph.messages(5, "tensor")), "initialiser"),
        metadata=_unique(((entry.text(1), entry.text(2)) for entry in properties), "metadata key"),
    )


class _Budget:
    """How many more parts a file may have."""

    def __init__(self, parts: int) -> None:
        self._left = parts

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ModelError(f"the file has more than {_MOST_PARTS} parts, which no SCORP model has")


class _Message:
    """The fields of one protocol-buffer message, by number."""

    def __init__(self, data: memoryview, what: str, budget: _Budget) -> None:
        self._what = what
        self._budget = budget
        self._fields: dict[int, list[tuple[int, _Value]]] = {}
        for number, wire, value in _walk(data, what):
            budget.spend()
            self._fields.setdefault(number, []).append((wire, value))

    def has(self, number: int) -> bool:
        return number in self._fields

    def parts(self, number: int) -> list[memoryview]:
        values = self._fields.get(number, [])
        if any(wire != _BYTES for wire, _ in values):
            raise _damage(self._what)
        return [value for _, value in values if isinstance(value, memoryview)]

    def optional(self, number: int) -> memoryview | None:
        parts = self.parts(number)
        if len(parts) > 1:
            raise _damage(self._what)
        return parts[0] if parts else None

    def messages(self, number: int, what: str) -> "Iterator[_Message]":
        return (_Message(part, what, self._budget) for part in self.parts(number))

    def required(self, number: int, what: str, name: str) -> "_Message":
        part = self.optional(number)
        if part is None:
            raise ModelError(f"the {self._what} lacks {name}")
        return _Message(part, what, self._budget)

    def integer(self, number: int) -> int:
        """Return a signed integer, 0 if absent; the last one counts, as protocol buffers have it."""
        values = self._fields.get(number, [(_VARINT, 0)])
        wire, value = values[-1]
        if wire != _VARINT or not isinstance(value, int):
            raise _damage(self._what)
        return _signed(value)

    def real(self, number: int) -> float:
        reals = self.reals(number, "<f4")
        return float(reals[-1]) if len(reals) else 0.0

    def text(self, number: int) -> str:
        texts = self.texts(number)
        return texts[-1] if texts else ""

    def texts(self, number: int) -> list[str]:
        return [_utf8(part, self._what) for part in self.parts(number)]

    def integers(self, number: int) -> list[int]:
        """Return repeated integers, packed or not."""
        found: list[int] = []
        for wire, value in self._fields.get(number, []):
            if isinstance(value, memoryview) and wire == _BYTES:
                position = 0
                while position < len(value):
                    item, position = _varint(value, position, self._what)
                    self._budget.spend()
                    found.append(_signed(item))
            elif isinstance(value, int) and wire == _VARINT:
                found.append(_signed(value))
            else:
                raise _damage(self._what)
        return found

    def reals(self, number: int, dtype: str) -> Tensor:
        """Return repeated little-endian floats ("<f4" or "<f8"), packed or not."""
        size = np.dtype(dtype).itemsize
        single = _FIXED32 if size == 4 else _FIXED64
        found = [np.empty(0, dtype)]
        for wire, value in self._fields.get(number, []):
            if not isinstance(value, memoryview) or wire not in (single, _BYTES) or len(value) % size:
                raise _damage(self._what)
            found.append(np.frombuffer(value, dtype))
        return np.concatenate(found)


def _walk(data: memoryview, what: str) -> Iterator[tuple[int, int, _Value]]:
    """Yield field number, wire type and value: an integer, or the bytes of anything else."""
    position, end = 0, len(data)
    while position < end:
        tag = data[position]
        if tag < 0x80:  # as nearly all are
            position += 1
        else:
            tag, position = _varint(data, position, what)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise _damage(what)
        if wire == _VARINT:
            value, position = _varint(data, position, what)
            yield number, wire, value
            continue
        if wire == _BYTES:
            length = data[position] if position < end else 0x80
            if length < 0x80:
                position += 1
            else:
                length, position = _varint(data, position, what)
        elif wire in (_FIXED32, _FIXED64):
            length = 4 if wire == _FIXED32 else 8
        else:
            raise _damage(what)
        if length > end - position:
            raise ModelError(f"the file is cut short or damaged in a {what}")
        yield number, wire, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int, what: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
    raise _damage(what)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _utf8(data: memoryview, what: str) -> str:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise _damage(what) from None


def _damage(what: str) -> ModelError:
    return ModelError(f"the file is no ONNX model, or damaged in a {what}")


def _unique(pairs: Iterable[tuple[str, _Part]], what: str) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for name, part in pairs:
        if name in found:
            raise ModelError(f"there are two parts of kind {what} named {short_repr(name)}")
        found[name] = part
    return found


def _value_info(message: _Message) -> ValueInfo:
    name = message.text(1)
    kind = message.required(2, "value type", "a type")
    tensor = kind.required(1, "tensor type", f"a tensor type for {short_repr(name)}")
    dimensions = tensor.required(2, "shape", f"a shape for {short_repr(name)}").messages(1, "dimension")
    return ValueInfo(
        name=name,
        dtype=_dtype(tensor.integer(1), name),
        shape=tuple(dimension.integer(1) if dimension.has(1) else None for dimension in dimensions),
    )


def _node(message: _Message) -> Node:
    return Node(
        operator=message.text(4),
        domain=message.text(7),
        inputs=tuple(message.texts(1)),
        outputs=tuple(message.texts(2)),
        attributes=_unique((_attribute(part) for part in message.messages(5, "attribute")), "attribute"),
    )


def _attribute(message: _Message) -> tuple[str, Attribute]:
    name, kind = message.text(1), message.integer(20)
    match kind:
        case 1:
            return name, message.real(2)
        case 2:
            return name, message.integer(3)
        case 3:
            return name, message.text(4)
        case 4:
            return name, _tensor(message.required(5, "tensor", f"the tensor of {short_repr(name)}"))[1]
        case 6:
            return name, tuple(message.reals(7, "<f4").tolist())
        case 7:
            return name, tuple(message.integers(8))
        case 8:
            return name, tuple(message.texts(9))
    raise ModelError(f"attribute {short_repr(name)} is of a kind ({kind}) that SCORP models do not use")


def _tensor(message: _Message) -> tuple[str, Tensor]:
    name = message.text(8)
    if message.has(13) or message.integer(14) == _EXTERNAL:
        raise ModelError(f"tensor {short_repr(name)} is kept outside the file")
    dtype = np.dtype(_dtype(message.integer(2), name))
    shape = message.integers(1)
    if len(shape) > _MOST_DIMENSIONS or any(size < 0 for size in shape):
        raise ModelError(f"tensor {short_repr(name)} has an impossible shape")
    values = _raw(message, dtype) if message.has(9) else _typed(message, dtype)
    if values is None or len(values) != math.prod(shape):
        raise ModelError(f"tensor {short_repr(name)} does not hold as many numbers as its shape says")
    if 0 in shape and math.prod(size for size in shape if size) >= 1 << 31:
        raise ModelError(f"tensor {short_repr(name)} has an impossible shape")
    return name, values.reshape(shape)


def _raw(message: _Message, dtype: np.dtype[np.generic]) -> Tensor | None:
    data = message.optional(9)
    if data is None or len(data) % dtype.itemsize:
        return None
    if dtype == np.bool_:
        return np.frombuffer(data, np.uint8).astype(np.bool_)  # any byte but 0 is true
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=False)


def _typed(message: _Message, dtype: np.dtype[np.generic]) -> Tensor | None:
    if dtype == np.float32:
        return message.reals(4, "<f4").astype(dtype, copy=False)
    if dtype == np.float64:
        return message.reals(10, "<f8").astype(dtype, copy=False)
    if dtype == np.int64:
        return np.array(message.integers(7), dtype)
    integers = message.integers(5)
    holder = {"float16": "uint16", "bool": "uint8"}.get(dtype.name, dtype.name)
    limits = np.iinfo(holder)
    if any(not limits.min <= value <= limits.max for value in integers):
        return None
    held = np.array(integers, holder)
    return held.view(np.float16) if dtype == np.float16 else held.astype(dtype)


def _dtype(number: int, name: str) -> str:
    if number not in ELEMENT_TYPES:
        raise ModelError(f"{short_repr(name)} has an element type ({number}) that SCORP models do not use")
    return ELEMENT_TYPES[number]

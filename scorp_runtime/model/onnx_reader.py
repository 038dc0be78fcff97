"""Read ONNX files without the onnx package.

An ONNX file is a protocol-buffer message (`onnx.proto` of https://github.com/onnx/onnx). This module reads the parts
that SCORP needs: graph, initialisers as arrays, and metadata. For any input, it returns or raises `ModelError`, in time
and memory that a limit on the number of parts bounds.
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
"""The supported element types as NumPy names them, by their number in `TensorProto.DataType`."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EXTERNAL = 1
_MOST_DIMENSIONS = 32
_MOST_PARTS = 1 << 20  # fields and integers, which are larger in memory than in the file

Tensor = npt.NDArray[np.generic]
Attribute = float | int | str | Tensor | tuple[float, ...] | tuple[int, ...] | tuple[str, ...]
_Value = int | memoryview
_Part = TypeVar("_Part")
# Named tuples load faster than data classes.


class ValueInfo(NamedTuple):
    """An input or output: `dtype` as NumPy names it, `shape` with None for a free dimension."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class Node(NamedTuple):
    """One operation; an omitted input has the name ""."""

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
    """Read a model from the contents of its file.

    Raises `ModelError` if it is not an ONNX model, or uses external data, subgraphs, sparse tensors, functions, or
    element types that are not in `ELEMENT_TYPES`.
    """
    if not data:
        raise ModelError("the file is empty")
    message = _Message(memoryview(data), "model", _Budget())
    if message.has(20) or message.has(25):
        raise ModelError("the model has functions or training information")
    graph = message.required(7, "graph", "a graph")
    if graph.has(15):
        raise ModelError("the graph has sparse initialisers")
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
    """The number of parts that a file may still have."""

    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ModelError(f"the file has more than {_MOST_PARTS} parts")


class _Message:
    """The fields of one protocol-buffer message, by number."""

    def __init__(self, data: memoryview, what: str, budget: _Budget) -> None:
        self._what = what
        self._budget = budget
        self._fields: dict[int, list[tuple[int, _Value]]] = {}
        for number, wire, value in _fields(data, what):
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
        """Return the last of repeated integers, as protocol buffers define it; 0 if there are none."""
        wire, value = self._fields.get(number, [(_VARINT, 0)])[-1]
        if wire != _VARINT or not isinstance(value, int):
            raise _damage(self._what)
        return _signed(value)

    def text(self, number: int) -> str:
        return (self.texts(number) or [""])[-1]

    def texts(self, number: int) -> list[str]:
        try:
            return [str(part, "utf-8") for part in self.parts(number)]
        except UnicodeDecodeError:
            raise _damage(self._what) from None

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
            elif isinstance(value, int):
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


def _fields(data: memoryview, what: str) -> Iterator[tuple[int, int, _Value]]:
    """Yield field number, wire type and value: an integer, or the bytes of anything else."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position, what)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
            raise _damage(what)
        if wire == _VARINT:
            value, position = _varint(data, position, what)
            yield number, wire, value
            continue
        length = 4 if wire == _FIXED32 else 8
        if wire == _BYTES:
            length, position = _varint(data, position, what)
        if length > end - position:
            raise ModelError(f"the file is cut short or damaged in a {what}")
        yield number, wire, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int, what: str) -> tuple[int, int]:
    value = 0
    if position < len(data) and data[position] < 0x80:  # a single byte, as in most cases
        return data[position], position + 1
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


def _damage(what: str) -> ModelError:
    return ModelError(f"the file is not an ONNX model, or is damaged in a {what}")


def _unique(pairs: Iterable[tuple[str, _Part]], what: str) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for name, part in pairs:
        if name in found:
            raise ModelError(f"the file has two {what}s named {short_repr(name)}")
        found[name] = part
    return found


def _value_info(message: _Message) -> ValueInfo:
    name = message.text(1)
    kind = message.required(2, "value type", "a type")
    tensor = kind.required(1, "tensor type", f"a tensor type for {short_repr(name)}")
    dimensions = tensor.required(2, "shape", f"a shape for {short_repr(name)}").messages(1, "dimension")
    shape = tuple(dimension.integer(1) if dimension.has(1) else None for dimension in dimensions)
    return ValueInfo(name, _dtype(tensor.integer(1), name), shape)


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
            return name, float(([0.0, *message.reals(2, "<f4")])[-1])
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
    raise ModelError(f"attribute {short_repr(name)} is of an unsupported kind ({kind})")


def _tensor(message: _Message) -> tuple[str, Tensor]:
    name = message.text(8)
    if message.has(13) or message.integer(14) == _EXTERNAL:
        raise ModelError(f"tensor {short_repr(name)} is stored outside the file")
    dtype = np.dtype(_dtype(message.integer(2), name))
    shape = message.integers(1)
    # NumPy limits the size of an empty array by its other dimensions.
    largest = math.prod(size for size in shape if size) if 0 in shape else 0
    if len(shape) > _MOST_DIMENSIONS or any(size < 0 for size in shape) or largest >= 1 << 31:
        raise ModelError(f"tensor {short_repr(name)} has an impossible shape")
    values = _raw(message, dtype) if message.has(9) else _typed(message, dtype)
    if values is None or len(values) != math.prod(shape):
        raise ModelError(f"tensor {short_repr(name)} does not have as many numbers as its shape says")
    return name, values.reshape(shape)


def _raw(message: _Message, dtype: np.dtype[np.generic]) -> Tensor | None:
    data = message.optional(9)
    if data is None or len(data) % dtype.itemsize:
        return None
    if dtype == np.bool_:
        return np.frombuffer(data, np.uint8).astype(np.bool_)  # any byte except 0 is true
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=False)


def _typed(message: _Message, dtype: np.dtype[np.generic]) -> Tensor | None:
    if dtype == np.float32:
        return message.reals(4, "<f4").astype(dtype, copy=False)
    if dtype == np.float64:
        return message.reals(10, "<f8").astype(dtype, copy=False)
    if dtype == np.int64:
        return np.array(message.integers(7), dtype)
    stored_as = {"float16": "uint16", "bool": "uint8"}.get(dtype.name, dtype.name)
    limits, integers = np.iinfo(stored_as), message.integers(5)
    if any(not limits.min <= value <= limits.max for value in integers):
        return None
    stored = np.array(integers, stored_as)
    return stored.view(np.float16) if dtype == np.float16 else stored.astype(dtype)


def _dtype(number: int, name: str) -> str:
    if number not in ELEMENT_TYPES:
        raise ModelError(f"{short_repr(name)} has an unsupported element type ({number})")
    return ELEMENT_TYPES[number]

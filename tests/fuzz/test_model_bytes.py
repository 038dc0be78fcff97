"""Any bytes are a valid model or are refused with one printable line."""

from collections.abc import Callable

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import ModelError
from scorp_runtime.model import onnx_reader, validation

Damage = Callable[[st.DataObject, bytes], bytes]


def valid_or_refused(content: bytes) -> None:
    try:
        validation.check(content)
    except ModelError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        assert len(str(error)) < 500  # noqa: PT017


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


# Nested messages with the field numbers of onnx.proto, and some others.
MESSAGE: st.SearchStrategy[bytes] = st.recursive(
    st.binary(max_size=8)
    | st.builds(lambda n, v: varint(n << 3) + varint(v), st.integers(1, 26), st.integers(0, 2**64 - 1)),
    lambda inner: st.lists(st.builds(field, st.integers(1, 26), inner), max_size=5).map(b"".join),
    max_leaves=12,
)


@settings(deadline=None)
@given(MESSAGE | st.binary(max_size=200))
def test_any_messages(content: bytes) -> None:
    valid_or_refused(content)
    valid_or_refused(field(7, content))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_model_without_weights(model_bytes: bytes, damage: Damage, data: st.DataObject) -> None:
    """Without the weights, which are most of the bytes, each damage hits the structure."""
    proto = onnx.ModelProto.FromString(model_bytes)
    del proto.graph.initializer[:]
    valid_or_refused(damage(data, proto.SerializeToString()))


@settings(deadline=None)
@given(st.data(), st.text(max_size=8) | st.sampled_from(["\n", "\x1b[2J", "a" * 10_000]))
def test_any_name_anywhere(model_bytes: bytes, data: st.DataObject, name: str) -> None:
    proto = onnx.ModelProto.FromString(model_bytes)
    node = data.draw(st.sampled_from(proto.graph.node), "node")
    value = data.draw(st.sampled_from([*proto.graph.input, *proto.graph.output]), "value")
    changes: list[Callable[[], None]] = [
        lambda: setattr(node, "op_type", name),
        lambda: setattr(node, "domain", name),
        lambda: setattr(value, "name", name),
        lambda: setattr(proto.opset_import[0], "domain", name),
        lambda: setattr(proto.graph.initializer[0], "name", name),
        lambda: setattr(proto.graph.initializer[0], "data_type", 99),
        lambda: setattr(proto.metadata_props[0], "key", name),
    ]
    for change in data.draw(st.lists(st.sampled_from(changes), min_size=1, max_size=3), "changes"):
        change()
    valid_or_refused(proto.SerializeToString())


PARTS = 1000


@pytest.mark.parametrize(
    "content",
    [
        field(1, b"") * (PARTS + 1),
        field(7, field(1, b"") * PARTS),
        field(7, field(5, varint(2 << 3) + varint(1) + field(1, b"\x00" * PARTS))),
        field(7, field(5, varint(2 << 3) + varint(6) + field(5, b"\x80\x01" * PARTS))),
    ],
    ids=["fields", "nodes", "dimensions", "numbers"],
)
def test_too_many_small_parts_are_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part takes two bytes in the file and hundreds in memory."""
    monkeypatch.setattr(onnx_reader, "_MOST_PARTS", PARTS)
    with pytest.raises(ModelError, match="more than 1000 parts"):
        onnx_reader.parse(content)

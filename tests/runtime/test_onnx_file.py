"""The reader agrees with the onnx package on models, and refuses everything else in one line."""

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import TensorProto, helper, numpy_helper

from scorp_runtime import ModelError
from scorp_runtime.model import onnx_reader, validation

DTYPES = [np.float32, np.float64, np.float16, np.int8, np.uint8, np.int32, np.int64, np.bool_]


def model(initialisers: dict[str, np.ndarray], **attributes: Any) -> onnx.ModelProto:
    tensors = [numpy_helper.from_array(array, name) for name, array in initialisers.items()]
    node = helper.make_node("Identity", ["x", ""], ["y"], **attributes)
    value = helper.make_tensor_value_info
    inputs, outputs = [value("x", TensorProto.FLOAT, ["N", 3])], [value("y", TensorProto.UINT8, [None, 3, 4])]
    graph = helper.make_graph([node], "g", inputs, outputs, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=6), arrays, max_size=4))
def test_initialisers_are_those_that_onnx_reads(initialisers: dict[str, np.ndarray]) -> None:
    found = onnx_reader.parse(model(initialisers).SerializeToString()).initialisers
    assert list(found) == list(initialisers)
    for name, array in initialisers.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


@settings(deadline=None)
@given(st.sampled_from(DTYPES), st.data())
def test_typed_data_fields_are_read_like_raw_data(dtype: Any, data: st.DataObject) -> None:
    array = data.draw(hnp.arrays(dtype, 5))
    proto = model({})
    number = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    proto.graph.initializer.append(helper.make_tensor("w", number, [5], array))
    reference = numpy_helper.to_array(proto.graph.initializer[0])
    found = onnx_reader.parse(proto.SerializeToString()).initialisers["w"]
    assert found.dtype == reference.dtype
    assert found.tobytes() == reference.tobytes()


def test_graph_and_attributes_are_those_that_onnx_wrote(proto: onnx.ModelProto) -> None:
    tensor = np.arange(6, dtype=np.int8).reshape(2, 3)
    found = onnx_reader.parse(
        model(
            {},
            real=1.5,
            whole=-3,
            text="ä",
            tensor=numpy_helper.from_array(tensor, "t"),
            reals=[0.5, -1.0],
            wholes=[1, -(2**62)],
            texts=["a", "b"],
        ).SerializeToString()
    )
    (node,) = found.nodes
    assert (node.operator, node.inputs, node.outputs) == ("Identity", ("x", ""), ("y",))
    attributes = dict(node.attributes)
    assert np.array_equal(attributes.pop("tensor"), tensor)  # type: ignore[arg-type]
    assert attributes == {
        "real": 1.5,
        "whole": -3,
        "text": "ä",
        "reals": (0.5, -1.0),
        "wholes": (1, -(2**62)),
        "texts": ("a", "b"),
    }
    assert (found.ir_version, found.opsets) == (7, {"": 13})
    assert found.inputs == (onnx_reader.ValueInfo("x", "float32", (None, 3)),)
    assert found.outputs == (onnx_reader.ValueInfo("y", "uint8", (None, 3, 4)),)
    tiny = onnx_reader.parse(proto.SerializeToString())
    assert dict(tiny.metadata) == {entry.key: entry.value for entry in proto.metadata_props}
    assert [node.operator for node in tiny.nodes] == [node.op_type for node in proto.graph.node]


def refused(data: bytes) -> None:
    """Parse and check bytes that may be anything: all is well, or one line says why not."""
    try:
        validation.check(data)
    except ModelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@pytest.mark.fault("model files", "cut anywhere", "refused, one line")
def test_a_file_cut_anywhere_is_refused(tiny_bytes: bytes) -> None:
    for length in range(0, len(tiny_bytes), 7):
        with pytest.raises(ModelError):
            validation.check(tiny_bytes[:length])


@pytest.mark.fault("model files", "bytes changed anywhere", "`ModelError`, one line, or the same model")
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_changed_bytes_never_raise_anything_but_a_model_error(tiny_bytes: bytes, data: st.DataObject) -> None:
    changed = bytearray(tiny_bytes)
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    refused(bytes(changed))


@pytest.mark.fault("model files", "random bytes", "refused, one line")
@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        validation.check(data)


@pytest.mark.fault("model files", "one bit of the weights flipped", "refused: the checksum")
def test_damage_in_any_single_byte_of_the_weights_is_found(proto: onnx.ModelProto) -> None:
    raw = bytearray(proto.graph.initializer[0].raw_data)
    raw[17] ^= 1
    proto.graph.initializer[0].raw_data = bytes(raw)
    with pytest.raises(ModelError, match="weights do not match the checksum"):
        validation.check(proto.SerializeToString())


@pytest.mark.fault(
    "model files", "shapes that are negative, giant, or not those of the data", "refused, no memory taken"
)
@pytest.mark.parametrize(
    ("shape", "values"),
    [([1 << 40, 1 << 40], []), ([-1], [1.0]), ([2], [1.0]), ([0, 1 << 62], []), ([1] * 40, [1.0])],
)
def test_shapes_that_the_data_does_not_fill_are_refused(shape: list[int], values: list[float]) -> None:
    proto = model({})
    proto.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape, float_data=values)
    )
    with pytest.raises(ModelError, match="tensor 'w'"):
        onnx_reader.parse(proto.SerializeToString())


@pytest.mark.fault("model files", "two weights of one name", "refused")
def test_two_initialisers_of_one_name_are_refused() -> None:
    proto = model({"w": np.zeros(1)})
    proto.graph.initializer.append(proto.graph.initializer[0])
    with pytest.raises(ModelError, match="two parts of kind initialiser named 'w'"):
        onnx_reader.parse(proto.SerializeToString())


@pytest.mark.fault("model files", "a sub-graph", "refused")
def test_a_sub_graph_is_refused() -> None:
    with pytest.raises(ModelError, match="attribute 'then_branch' is of a kind"):
        onnx_reader.parse(model({}, then_branch=model({}).graph).SerializeToString())

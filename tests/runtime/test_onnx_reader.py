"""The reader agrees with the onnx package, and refuses invalid files."""

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
@given(st.dictionaries(st.text(min_size=1, max_size=6), arrays, max_size=4), st.booleans())
def test_initialisers_agree_with_onnx(initialisers: dict[str, np.ndarray], raw: bool) -> None:
    """Raw bytes, or lists of numbers of a type."""
    proto = model(initialisers)
    if not raw:
        del proto.graph.initializer[:]
        for name, array in initialisers.items():
            number = helper.np_dtype_to_tensor_dtype(array.dtype)
            proto.graph.initializer.append(helper.make_tensor(name, number, array.shape, array.ravel()))
    found = onnx_reader.parse(proto.SerializeToString()).initialisers
    assert list(found) == list(initialisers)
    for tensor in proto.graph.initializer:
        array = numpy_helper.to_array(tensor)
        assert (found[tensor.name].dtype, found[tensor.name].shape) == (array.dtype, array.shape)
        assert found[tensor.name].tobytes() == array.tobytes()


def test_graph_and_attributes_agree_with_onnx(proto: onnx.ModelProto) -> None:
    tensor = np.arange(6, dtype=np.int8).reshape(2, 3)
    given = {"real": 1.5, "whole": -3, "text": "ä"}
    given |= {"reals": (0.5, -1.0), "wholes": (1, -(2**62)), "texts": ("a", "b")}
    written = model({}, tensor=numpy_helper.from_array(tensor, "t"), **given)
    found = onnx_reader.parse(written.SerializeToString())
    (node,) = found.nodes
    assert (node.operator, node.inputs, node.outputs) == ("Identity", ("x", ""), ("y",))
    attributes = dict(node.attributes)
    assert np.array_equal(attributes.pop("tensor"), tensor)  # type: ignore[arg-type]
    assert attributes == given
    assert (found.ir_version, found.opsets) == (7, {"": 13})
    assert found.inputs == (onnx_reader.ValueInfo("x", "float32", (None, 3)),)
    assert found.outputs == (onnx_reader.ValueInfo("y", "uint8", (None, 3, 4)),)
    tiny = onnx_reader.parse(proto.SerializeToString())
    assert dict(tiny.metadata) == {entry.key: entry.value for entry in proto.metadata_props}
    assert [node.operator for node in tiny.nodes] == [node.op_type for node in proto.graph.node]


def test_a_file_cut_anywhere_is_refused(tiny_bytes: bytes) -> None:
    for length in range(0, len(tiny_bytes), 7):
        with pytest.raises(ModelError):
            validation.check(tiny_bytes[:length])


@pytest.mark.parametrize(
    ("shape", "values"),
    [([1 << 40, 1 << 40], []), ([-1], [1.0]), ([2], [1.0]), ([0, 1 << 62], []), ([1] * 40, [1.0])],
)
def test_a_shape_that_does_not_match_the_data_is_refused(shape: list[int], values: list[float]) -> None:
    proto = model({})
    proto.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape, float_data=values)
    )
    with pytest.raises(ModelError, match="tensor 'w'"):
        onnx_reader.parse(proto.SerializeToString())


def test_initialisers_with_the_same_name_are_refused() -> None:
    proto = model({"w": np.zeros(1)})
    proto.graph.initializer.append(proto.graph.initializer[0])
    with pytest.raises(ModelError, match="two initialisers named 'w'"):
        onnx_reader.parse(proto.SerializeToString())


def test_a_subgraph_is_refused() -> None:
    with pytest.raises(ModelError, match="attribute 'then_branch'"):
        onnx_reader.parse(model({}, then_branch=model({}).graph).SerializeToString())

"""The cost of a model is known before it runs: shapes agree with onnxruntime, and large graphs are refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from scorp_runtime import Generator, ModelError
from scorp_runtime.model import onnx_reader, validation
from scorp_runtime.model.bundled import bundled_names
from scorp_runtime.model.limits.shape_rules import Value, infer
from scorp_runtime.model.onnx_reader import Node

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
IMAGES = np.ones((2, 4, 5, 6), np.float32)
PLACES = np.array([[2, 0, 1]])


def real(*shape: int) -> Any:
    return np.ones(shape, np.float32)


def whole(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def alike(operators: str) -> list[tuple[str, list[Any], dict[str, Any]]]:
    return [(operator, [X], {}) for operator in operators.split()]


CASES: list[tuple[str, list[Any], dict[str, Any]]] = [
    *alike("Erf Exp Floor LeakyRelu Neg Relu Round Sigmoid Softplus Sqrt Tanh Identity Clip Shape"),
    *((name, [X, real(3, 1)], {}) for name in ("Add", "Div", "Mul", "Pow", "Sub")),
    *((name, [real(4), X, real(2, 1, 1)], {}) for name in ("Max", "Min")),
    ("BatchNormalization", [IMAGES, *[real(4)] * 4], {}),
    ("Cast", [X], {"to": 7}),
    ("Clip", [X, np.float32(0), np.float32(1)], {}),
    ("Concat", [X, X, X[:, :1]], {"axis": 1}),
    ("Constant", [], {"value": numpy_helper.from_array(X)}),
    ("Constant", [], {"value_ints": [1, 2, 3]}),
    ("Constant", [], {"value_float": 1.5}),
    ("ConstantOfShape", [whole(3, 4)], {}),
    ("ConstantOfShape", [whole()], {}),
    ("DepthToSpace", [IMAGES], {"blocksize": 2}),
    ("Expand", [X, whole(5, 1, 3, 1)], {}),
    ("Flatten", [IMAGES], {"axis": 2}),
    ("Flatten", [IMAGES], {"axis": 0}),
    ("Gather", [X, PLACES], {"axis": 1}),
    ("Gather", [X, np.array(1)], {}),
    ("Gemm", [real(2, 3), real(4, 3), real(4)], {"transB": 1}),
    ("Gemm", [real(3, 2), real(3, 4)], {"transA": 1}),
    ("MatMul", [X, real(4, 2)], {}),
    ("MatMul", [X, real(4)], {}),
    ("MatMul", [real(3), X], {}),
    ("MatMul", [real(4), real(4)], {}),
    ("MatMul", [real(5, 1, 3, 4), real(2, 4, 6)], {}),
    ("OneHot", [PLACES, np.array(9), real(2)], {}),
    ("OneHot", [PLACES, whole(9), real(2)], {"axis": 0}),
    ("ReduceMean", [X], {"axes": [0, -1]}),
    ("ReduceMean", [X], {"keepdims": 0}),
    ("ReduceSum", [X, whole(1)], {"keepdims": 0}),
    ("ReduceSum", [X, whole()], {"noop_with_empty_axes": 1}),
    ("ReduceSum", [X], {}),
    ("Reshape", [X, whole(0, -1)], {}),
    ("Reshape", [X[:0], whole(0, 12)], {"allowzero": 1}),
    ("Resize", [IMAGES, None, np.array([1, 1, 1.5, 3], np.float32)], {}),
    ("Resize", [IMAGES, None, None, whole(2, 4, 9, 1)], {"mode": "linear"}),
    ("Shape", [X], {"start": 1}),
    ("Shape", [X], {"start": -2, "end": -1}),
    ("Slice", [X, whole(1), whole(2**63 - 1), whole(-1)], {}),
    ("Slice", [X, whole(0, -1), whole(1, -(2**63)), whole(0, 2), whole(1, -2)], {}),
    ("Slice", [X, whole(0), whole(-1)], {}),
    ("Slice", [X, whole(0), whole(4), None, whole(2)], {}),
    ("Squeeze", [X[:1, None]], {}),
    ("Squeeze", [X[:1, None], whole(1)], {}),
    ("Transpose", [X], {}),
    ("Transpose", [X], {"perm": [1, 2, 0]}),
    ("Unsqueeze", [X, whole(0, -1)], {}),
]


def attribute(value: object) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def inferred(operator: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> tuple[int, ...]:
    known = {name: attribute(value) for name, value in attributes.items()}
    node = Node(operator, "", (), ("y",), known)
    values = [None if array is None else Value.of(np.asarray(array)) for array in inputs]
    return infer(node, values).value.shape


@pytest.mark.parametrize(("operator", "inputs", "attributes"), CASES, ids=lambda part: str(part)[:12])
def test_an_operator_has_the_shape_of_onnxruntime(
    by_onnxruntime: Any, operator: str, inputs: list[Any], attributes: dict[str, Any]
) -> None:
    arrays = [None if array is None else np.asarray(array) for array in inputs]
    made = by_onnxruntime(operator, arrays, attributes)
    assert inferred(operator, inputs, attributes) == made.shape


def test_every_operator_has_a_case() -> None:
    convolutions = {"Conv", "ConvTranspose"}
    assert {operator for operator, _, _ in CASES} | convolutions == validation.OPERATORS


pairs = st.tuples(st.integers(1, 5), st.integers(1, 5))


@given(pairs, pairs, pairs, pairs, st.tuples(*[st.integers(0, 2)] * 4), st.sampled_from([1, 2]), st.data())
@settings(max_examples=150, deadline=None)
def test_a_convolution_has_the_shape_of_onnxruntime(
    by_onnxruntime: Any,
    sides: Any,
    kernel: Any,
    strides: Any,
    dilations: Any,
    pads: Any,
    group: int,
    data: Any,
) -> None:
    operator = data.draw(st.sampled_from(["Conv", "ConvTranspose"]))
    inputs = [real(2, 4, *sides), real(4, 4 // group if operator == "Conv" else 3, *kernel)]
    attributes = {"strides": strides, "group": group, "pads": pads, "dilations": dilations}
    try:
        made = by_onnxruntime(operator, inputs, attributes)
    except Exception:  # the exceptions of onnxruntime have no base class
        assume(False)
    assert inferred(operator, inputs, attributes) == made.shape


@pytest.mark.parametrize("name", bundled_names())
def test_the_multiply_adds_agree_with_the_count_of_the_exporter(name: str) -> None:
    model = validation.check(Generator(name).model_file.read())
    assert model.graph_size.work == model.info.macs


def node(operator: str, inputs: str, **attributes: Any) -> tuple[str, list[str], dict[str, Any]]:
    return operator, inputs.split(" "), attributes


# Hostile models: added nodes, added initialisers, and the start of the error.
# fmt: off
HUGE: dict[str, tuple[list[tuple[str, list[str], dict[str, Any]]], dict[str, Any], str]] = {
    "a terabyte of one number": ([node("Expand", "sixteen a")], {"a": whole(1 << 20, 1 << 20)}, "Expand exceeds"),
    "a terabyte per image": (
        [node("Unsqueeze", "label b"), node("Expand", "x0 a")], {"a": whole(1, 1 << 40), "b": whole(1)},
        "Expand exceeds the limit on numbers in all values"),
    "unlimited zeros": ([node("ConstantOfShape", "a")], {"a": whole(1 << 62)}, "ConstantOfShape exceeds"),
    "a value per pair of images": (
        [node("OneHot", "label a b"), node("Transpose", "x0"), node("MatMul", "x0 x1")],
        {"a": np.array(9), "b": real(2)}, "MatMul has a result that does not grow in proportion"),
    "a size that depends on the input": ([node("Expand", "sixteen label")], {}, "Expand reads sizes"),
    "an image enlarged a million times": (
        [node("Unsqueeze", "grey b"), node("Resize", "x0  a")],
        {"a": np.array([1, 1, 1, 1e6], np.float32), "b": whole(1, 2)}, "Resize exceeds"),
    "huge padding and huge strides": (
        [node("Conv", "a b", pads=[0, 1 << 40], strides=[1 << 40])], {"a": real(1, 1, 1), "b": real(1, 1, 1)},
        "Conv exceeds"),
    "huge strides and huge padding of a transposed convolution": (
        [node("ConvTranspose", "a b", strides=[1 << 40], pads=[0, 1 << 40])], {"a": real(1, 1, 2), "b": real(1, 1, 1)},
        "ConvTranspose exceeds"),
    "unlimited classes": ([node("OneHot", "label a b")], {"a": np.array(1 << 40), "b": real(2)}, "OneHot exceeds"),
    "many values with a large total": (
        [node("Expand", "sixteen a"), *[node("Neg", "x0")] * 70], {"a": whole(1 << 20)}, "Neg exceeds"),
    "days of multiplications": (
        [node("Expand", "sixteen a"), node("MatMul", "x0 x0")], {"a": whole(1 << 12, 1 << 12)},
        "MatMul exceeds the limit on multiply-adds"),
    "a bias larger than its product": (
        [node("Gemm", "a a b")], {"a": real(1, 1), "b": real(100, 100)}, "Gemm has a bias"),
    "a value of a hundred dimensions": (
        [node("Unsqueeze", "label a")], {"a": whole(*range(60))}, "Unsqueeze has a result of an impossible shape"),
    "a slice as long as the batch": (
        [node("Shape", "label"), node("Expand", "sixteen a"), node("Slice", "x1 x0 b")],
        {"a": whole(38000), "b": whole(1 << 40)}, "Slice slices the batch dimension"),
    "a sum along an axis given by the batch size": (
        [node("Shape", "label"), node("ReduceSum", "a x0")], {"a": real(4, 1, 1)}, "ReduceSum names an axis"),
    "a kernel with zero groups": (
        [node("Conv", "a b", group=0)], {"a": real(1, 0, 4, 4), "b": real(1, 1, 1, 1)}, "Conv has a kernel"),
    "millions of tiny products": (
        [node("MatMul", "a b")], {"a": real(8000, 1, 1, 1), "b": real(1, 8192, 1, 1)}, "MatMul exceeds"),
    "millions of empty products": (
        [node("MatMul", "a b")], {"a": real(12000, 1, 0, 1), "b": real(1, 12000, 1, 1)}, "MatMul exceeds"),
    "a huge kernel with an empty result": (
        [node("ConvTranspose", "a b")], {"a": real(1, 1, 1, 1), "b": real(1, 0, 20000, 20000)},
        "ConvTranspose exceeds"),
    "unlimited sizes of an empty value": (
        [node("DepthToSpace", "a", blocksize=1 << 62)], {"a": real(1, 0, 1, 0)}, "DepthToSpace exceeds"),
    "an empty value enlarged": (
        [node("Resize", "a   b", mode="nearest")], {"a": real(0, 1, 2, 2), "b": whole(0, 1, 2, 3 << 28)},
        "Resize exceeds"),
    "reading a large value many times": (
        [node("Expand", "sixteen a"), *[node("ReduceSum", "x0")] * 600], {"a": whole(1 << 21)},
        "ReduceSum exceeds the limit on numbers that are read"),
    "many nodes": ([node("Neg", "label")] * 8200, {}, "the graph has 8216 nodes"),
    "a calculated size": (
        [node("Mul", "a a"), node("Expand", "sixteen x0")], {"a": whole(4)},
        "Expand reads sizes or positions that are unknown"),
    "padding by a rule": (
        [node("Conv", "a a", auto_pad="SAME_UPPER")], {"a": real(1, 1, 1, 1)}, "Conv has padding that is not explicit"),
    "a node that reads a later result": ([node("Neg", "x1"), node("Neg", "x0")], {}, "Neg reads 'x1'"),
    "a value made twice": ([node("Neg", "noise", output="total")], {}, "Neg makes 'total'"),
    "duplicate axes": ([node("Unsqueeze", "label a")], {"a": whole(1, 1)}, "Unsqueeze does not match its inputs"),
    "shapes that do not match": ([node("Add", "noise style")], {}, "Add has inputs whose shapes do not match"),
}
# fmt: on


def with_nodes(proto: onnx.ModelProto, nodes: list[Any], arrays: dict[str, Any]) -> bytes:
    for place, (operator, inputs, attributes) in enumerate(nodes):
        output = attributes.get("output", f"x{place}")
        attributes = {key: value for key, value in attributes.items() if key != "output"}
        proto.graph.node.append(helper.make_node(operator, inputs, [output], **attributes))
    proto.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays.items())
    for entry in proto.metadata_props:
        if entry.key == "weights_sha256":
            entry.value = validation.weights_sha256(onnx_reader.parse(proto.SerializeToString()).initialisers)
    return proto.SerializeToString()


@pytest.mark.parametrize("name", HUGE)
def test_a_graph_that_takes_too_much_is_refused_before_it_runs(proto: onnx.ModelProto, name: str) -> None:
    nodes, arrays, complaint = HUGE[name]
    with pytest.raises(ModelError) as refused:
        validation.check(with_nodes(proto, nodes, arrays))
    assert str(refused.value).startswith(complaint)


def test_an_output_with_the_wrong_shape_is_refused(proto: onnx.ModelProto) -> None:
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 13
    with pytest.raises(ModelError, match="'image' does not have the shape"):
        validation.check(proto.SerializeToString())


def test_shapes_of_a_graph_in_the_style_of_torch_are_inferred(proto: onnx.ModelProto, tmp_path: Path) -> None:
    """Torch reads the batch size from a shape, and uses it to reshape and fill values."""
    del proto.graph.node[-1:]
    more = [
        node("Shape", "noise"),
        node("Gather", "x0 zero"),
        node("Unsqueeze", "x1 zeroth"),
        node("Concat", "x2 sides", axis=0),
        node("Reshape", "bytes x3"),
        node("Cast", "x3", to=TensorProto.INT64),
        node("ConstantOfShape", "x5", value=numpy_helper.from_array(np.zeros(1, np.uint8))),
        node("Concat", "x4 x6", axis=1),
        node("Slice", "x7 zeroth twelve first"),
        node("Slice", "x8 zeroth end zeroth", output="image"),
    ]
    places = {"zero": np.array(0), "zeroth": whole(0), "first": whole(1), "twelve": whole(12)}
    sides = {"sides": whole(12, 10), "end": whole(2**63 - 1)}
    plain = Generator(_saved(tmp_path / "plain.onnx", proto_with_reshape(proto))).generate(count=40, seed=1)
    path = _saved(tmp_path / "traced.onnx", with_nodes(proto, more, {**places, **sides}))
    assert np.array_equal(Generator(path).generate(count=40, seed=1).images, plain.images)


def proto_with_reshape(proto: onnx.ModelProto) -> bytes:
    whole_model = onnx.ModelProto()
    whole_model.CopyFrom(proto)
    whole_model.graph.node.append(helper.make_node("Reshape", ["bytes", "shape"], ["image"]))
    return whole_model.SerializeToString()


def _saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


class Recorded:
    """A session that records the batch sizes."""

    def __init__(self, path: Path) -> None:
        self._session = onnxruntime.InferenceSession(path)
        self.batches: list[int] = []
        self.get_modelmeta, self.get_providers = self._session.get_modelmeta, self._session.get_providers

    def run(self, names: list[str], feed: dict[str, Any]) -> Any:
        self.batches.append(len(feed["label"]))
        return self._session.run(names, feed)


def test_a_large_model_draws_smaller_batches_with_the_same_pixels(
    proto: onnx.ModelProto, tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [node("Unsqueeze", "total b"), node("Expand", "x0 a")]
    path = tmp_path / "large.onnx"
    path.write_bytes(with_nodes(proto, nodes, {"a": whole(1, 1 << 16, 120), "b": whole(1)}))
    session: Any = Recorded(path)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: session)
    images = Generator(path).generate(count=20, seed=1).images
    assert session.batches == [8, 8, 4]
    monkeypatch.undo()
    assert np.array_equal(images, Generator(tiny_path).generate(count=20, seed=1).images)

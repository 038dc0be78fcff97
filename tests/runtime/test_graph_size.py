"""The cost of a model is known before it runs, and large graphs are refused."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import helper, numpy_helper

from scorp_runtime import Generator, ModelError
from scorp_runtime.inference.backends.onnxruntime_session import OnnxruntimeSession
from scorp_runtime.model import validation
from scorp_runtime.model.bundled import bundled_names


def real(*shape: int) -> Any:
    return np.ones(shape, np.float32)


def whole(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize("name", bundled_names())
def test_the_multiply_adds_agree_with_the_count_of_the_exporter(name: str) -> None:
    model = validation.check(Generator(name).model_file.read())
    assert model.graph_size.work == model.info.macs


Added = tuple[str, list[str], str | None, dict[str, Any]]


def node(operator: str, inputs: str, output: str | None = None, **attributes: Any) -> Added:
    return operator, inputs.split(" "), output, attributes


# Hostile models: added nodes, added initialisers, and the start of the error.
# fmt: off
HUGE: dict[str, tuple[list[Added], dict[str, Any], str]] = {
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
    "integer overflow": (
        [node("Mul", "a a"), node("Mul", "x0 x0"), node("Expand", "sixteen x1")], {"a": whole(1 << 50)},
        "Expand reads sizes or positions that are unknown"),
    "a node that reads a later result": ([node("Neg", "x1"), node("Neg", "x0")], {}, "Neg reads 'x1'"),
    "a value made twice": ([node("Neg", "noise", output="total")], {}, "Neg makes 'total'"),
    "duplicate axes": ([node("Unsqueeze", "label a")], {"a": whole(1, 1)}, "Unsqueeze does not match its inputs"),
    "shapes that do not match": ([node("Add", "noise style")], {}, "Add has inputs whose shapes do not match"),
}
# fmt: on


def add(proto: onnx.ModelProto, nodes: list[Added], arrays: dict[str, Any]) -> None:
    for place, (operator, inputs, output, attributes) in enumerate(nodes):
        proto.graph.node.append(helper.make_node(operator, inputs, [output or f"x{place}"], **attributes))
    proto.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays.items())


@pytest.mark.parametrize("name", HUGE)
def test_a_graph_that_takes_too_much_is_refused_before_it_runs(
    proto: onnx.ModelProto, saved: Any, name: str
) -> None:
    nodes, arrays, complaint = HUGE[name]
    add(proto, nodes, arrays)
    with pytest.raises(ModelError) as refused:
        Generator(saved(proto))
    assert f"model.onnx: {complaint}" in str(refused.value)


def test_an_output_with_the_wrong_shape_is_refused(proto: onnx.ModelProto) -> None:
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 13
    with pytest.raises(ModelError, match="'image' does not have the shape"):
        validation.check(proto.SerializeToString())


# Torch reads the batch size from a shape, and uses it to reshape and fill values.
TRACED = """
x0 = Shape(noise)
x1 = Gather(x0, zero)
batch = Unsqueeze(x1, first)
x2 = Concat<axis=0>(batch, sides)
x3 = Reshape(bytes, x2)
x4 = ConstantOfShape<value=uint8[1] {0}>(x2)
x5 = Concat<axis=1>(x3, x4)
x6 = Slice(x5, first, twelve, second)
whole_image = Slice(x6, first, end, first)
x7 = Shape(whole_image)
length = Gather(x7, second)
thrice = Mul(batch, three)
x8 = Concat<axis=0>(thrice, minus, length)
x9 = Expand(whole_image, ones)
double = Add(length, length)
x10 = Sub(double, second)
x11 = Div(x10, two)
half = Add(x11, second)
image = Slice(whole_image, first, half, second)
"""


def test_shapes_of_a_graph_in_the_style_of_torch_are_inferred(
    proto: onnx.ModelProto, saved: Any, generator: Generator
) -> None:
    del proto.graph.node[-1]
    traced = onnx.parser.parse_graph(f"traced () => () {{ {TRACED} }}")
    proto.graph.node.extend(traced.node)
    numbers = {"zero": np.array(0), "first": whole(0), "second": whole(1), "two": whole(2), "three": whole(3)}
    numbers |= {"twelve": whole(12), "minus": whole(-1), "sides": whole(12, 10), "end": whole(2**63 - 1)}
    add(proto, [], numbers | {"ones": whole(1, 1, 1)})
    expected = generator.generate(count=40, seed=1).images
    assert np.array_equal(Generator(saved(proto)).generate(count=40, seed=1).images, expected)


def test_a_large_model_draws_smaller_batches_with_the_same_pixels(
    proto: onnx.ModelProto, saved: Any, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [node("Unsqueeze", "total b"), node("Expand", "x0 a")]
    add(proto, nodes, {"a": whole(1, 1 << 16, 120), "b": whole(1)})
    expected = generator.generate(count=20, seed=1).images
    batches: list[int] = []
    run = OnnxruntimeSession.run

    def recorded(session: OnnxruntimeSession, noise: Any, label: Any, style: Any) -> Any:
        batches.append(len(label))
        return run(session, noise, label, style)

    monkeypatch.setattr(OnnxruntimeSession, "run", recorded)
    images = Generator(saved(proto)).generate(count=20, seed=1).images
    assert batches == [8, 8, 4]
    assert np.array_equal(images, expected)

"""Operators agree with onnxruntime: the values that NumPy computes, and the shapes that are known before a run."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from scorp_runtime import ModelError
from scorp_runtime.inference.backends.numpy_operators import OPERATORS
from scorp_runtime.model import validation
from scorp_runtime.model.limits.shape_rules import Value, infer
from scorp_runtime.model.onnx_reader import Node

Case = tuple[str, list[Any], dict[str, Any]]


def integers(*shape: int) -> Any:
    return np.random.default_rng(3).integers(-9, 9, shape).astype(np.float32)


def whole(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def real(*numbers: float) -> Any:
    return np.array(numbers, np.float32)


X = np.arange(-12, 12, dtype=np.float32).reshape(2, 3, 4)
IMAGES = integers(2, 4, 5, 6)
PLACES = np.array([[2, 0, 1]])
PIXELS_REPEATED = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}

EXACT: list[Case] = [
    *((name, [X], {}) for name in ("Clip", "Identity", "Relu", "Transpose")),
    *((name, [X, integers(3, 1)], {}) for name in ("Add", "Mul", "Sub")),
    *((name, [X, -X, np.float32(1)], {}) for name in ("Max", "Min")),
    ("ArgMax", [integers(4, 5)], {"axis": 1, "keepdims": 0}),
    ("ArgMax", [np.zeros((2, 3), np.float32)], {"axis": -1}),
    ("Cast", [real(0, 1, 255)], {"to": onnx.TensorProto.UINT8}),
    ("Cast", [np.array([-3, 4], np.int8)], {"to": onnx.TensorProto.FLOAT}),
    ("Clip", [X, np.float32(-2)], {}),
    ("Clip", [X, None, np.float32(5)], {}),
    ("Clip", [X, np.float32(-2), np.float32(5)], {}),
    ("Concat", [X, X, X[:, :1]], {"axis": 1}),
    ("Constant", [], {"value": numpy_helper.from_array(X)}),
    ("DepthToSpace", [integers(2, 8, 3, 2)], {"blocksize": 2}),
    ("DepthToSpace", [integers(2, 8, 3, 2)], {"blocksize": 2, "mode": "CRD"}),
    ("Div", [X, np.float32(4)], {}),
    ("Flatten", [IMAGES], {"axis": 0}),
    ("Flatten", [IMAGES], {"axis": -1}),
    ("Floor", [X / 4], {}),
    ("Gather", [X, np.array(1)], {}),
    ("Gather", [X, PLACES], {"axis": 1}),
    ("Gemm", [integers(3, 3), integers(3, 3)], {}),
    ("Gemm", [integers(2, 3), integers(4, 3), integers(4)], {"transB": 1}),
    ("Gemm", [integers(3, 2), integers(3, 4), integers(2, 1)], {"transA": 1, "alpha": 0.5, "beta": 2.0}),
    ("MatMul", [X, integers(4, 2)], {}),
    ("MatMul", [integers(3), X], {}),
    ("MatMul", [integers(4), integers(4)], {}),
    ("MatMul", [integers(5, 1, 3, 4), integers(2, 4, 6)], {}),
    ("MaxPool", [IMAGES], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ("MaxPool", [IMAGES], {"kernel_shape": [2, 3], "strides": [2, 1], "pads": [0, 1, 1, 0]}),
    ("Reshape", [X, whole(0, -1)], {}),
    ("Reshape", [X[:0], whole(0, 12)], {"allowzero": 1}),
    ("Resize", [IMAGES, None, real(1, 1, 2, 3)], PIXELS_REPEATED),
    ("Resize", [IMAGES, None, real(1, 1, 5, 4)], {}),
    ("Resize", [IMAGES, None, None, whole(2, 4, 10, 18)], {}),
    ("Round", [real(-2.5, -1.5, -0.5, 0.5, 1.5, 2.25)], {}),
    ("Slice", [X, whole(1), whole(2**63 - 1), whole(-1)], {}),
    ("Slice", [X, whole(0, -1), whole(1, -(2**63)), whole(0, 2), whole(1, -2)], {}),
    ("Slice", [X, whole(0), whole(-1)], {}),
    ("Slice", [X, whole(0), whole(4), None, whole(2)], {}),
    ("Squeeze", [X[:1, None]], {}),
    ("Squeeze", [X[:1, None], whole(1)], {}),
    ("Transpose", [X], {"perm": [1, 2, 0]}),
    ("Unsqueeze", [X, whole(0, -1)], {}),
]
# Of networks that are not exact, or that only onnxruntime runs.
OTHERS: list[Case] = [
    *(
        (name, [X], {})
        for name in ["Erf", "Exp", "LeakyRelu", "Neg", "Sigmoid", "Softplus", "Sqrt", "Tanh", "Shape"]
    ),
    ("BatchNormalization", [IMAGES, *[integers(4)] * 4], {}),
    ("Constant", [], {"value_ints": [1, 2, 3]}),
    ("Constant", [], {"value_float": 1.5}),
    ("ConstantOfShape", [whole()], {}),
    ("Expand", [X, whole(5, 1, 3, 1)], {}),
    ("OneHot", [PLACES, np.array(9), real(1, 2)], {}),
    ("OneHot", [PLACES, whole(9), real(1, 2)], {"axis": 0}),
    ("Pow", [X, integers(3, 1)], {}),
    ("ReduceMean", [X], {"axes": [0, -1]}),
    ("ReduceMean", [X], {"keepdims": 0}),
    ("ReduceSum", [X, whole(1)], {"keepdims": 0}),
    ("ReduceSum", [X, whole()], {"noop_with_empty_axes": 1}),
    ("ReduceSum", [X], {}),
    ("Resize", [IMAGES, None, real(1, 1, 1.5, 3)], {}),
    ("Resize", [IMAGES, None, None, whole(2, 4, 9, 1)], {"mode": "linear"}),
    ("Shape", [X], {"start": -2, "end": -1}),
]


def by_onnxruntime(operator: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> Any:
    names = [f"x{number}" if value is not None else "" for number, value in enumerate(inputs)]
    feed = {name: np.asarray(value) for name, value in zip(names, inputs, strict=True) if name}
    values = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in feed.items()
    ]
    node = helper.make_node(operator, names, ["y"], **attributes)
    graph = helper.make_graph([node], "one", values, [onnx.ValueInfoProto(name="y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, feed)[0]


def as_read(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes as the reader of model files returns them."""
    return {
        name: numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
        for name, value in attributes.items()
    }


def inferred_shape(operator: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> tuple[int, ...]:
    values = [None if array is None else Value.of(np.asarray(array)) for array in inputs]
    return infer(Node(operator, "", (), ("y",), as_read(attributes)), values).value.shape


def assert_same_values(expected: Any, operator: str, inputs: list[Any], attributes: dict[str, Any]) -> None:
    with np.errstate(all="ignore"):  # as the network does
        got = np.asarray(OPERATORS[operator](inputs, as_read(attributes)))
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize(("operator", "inputs", "attributes"), EXACT, ids=lambda part: str(part)[:12])
def test_an_exact_operator_has_the_result_of_onnxruntime(
    operator: str, inputs: list[Any], attributes: dict[str, Any]
) -> None:
    expected = by_onnxruntime(operator, inputs, attributes)
    assert inferred_shape(operator, inputs, attributes) == expected.shape
    assert_same_values(expected, operator, inputs, attributes)


@pytest.mark.parametrize(("operator", "inputs", "attributes"), OTHERS, ids=lambda part: str(part)[:12])
def test_another_operator_has_the_shape_of_onnxruntime(
    operator: str, inputs: list[Any], attributes: dict[str, Any]
) -> None:
    expected = by_onnxruntime(operator, inputs, attributes)
    assert inferred_shape(operator, inputs, attributes) == expected.shape


def test_every_operator_is_compared() -> None:
    convolutions = {"Conv", "ConvTranspose"}
    assert {operator for operator, *_ in EXACT} | convolutions == set(OPERATORS)
    assert {operator for operator, *_ in EXACT + OTHERS} | convolutions == validation.OPERATORS


def pair(low: int, high: int) -> Any:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@settings(max_examples=200, deadline=None)
@given(data=st.data(), transposed=st.booleans(), group=st.sampled_from([1, 1, 2]), biased=st.booleans())
def test_convolutions_agree_with_onnxruntime(
    data: st.DataObject, transposed: bool, group: int, biased: bool
) -> None:
    sides, kernel, strides = (data.draw(pair(1, high)) for high in (7, 4, 3))
    weight = integers(*((4, 3) if transposed else (4, 4 // group)), *kernel)
    bias = integers(3 * group if transposed else 4)
    inputs = [integers(2, 4, *sides), weight, *([bias] if biased else [])]
    attributes: dict[str, Any] = {"strides": strides, "group": group}
    match data.draw(st.sampled_from(["pads"] * 4 + ["output_shape", "SAME_UPPER", "SAME_LOWER", "VALID"])):
        case "pads":
            attributes |= {
                "pads": data.draw(pair(0, 2)) + data.draw(pair(0, 2)),
                "dilations": data.draw(pair(1, 2)),
            }
            if transposed:
                attributes["output_padding"] = [data.draw(st.integers(0, stride - 1)) for stride in strides]
        case "output_shape":
            assume(transposed)
            attributes |= {"output_shape": [side + 1 for side in sides]}
        case padding:
            attributes |= {"auto_pad": padding}
    operator = "ConvTranspose" if transposed else "Conv"
    try:
        expected = by_onnxruntime(operator, inputs, attributes)
    except Exception:  # the exceptions of onnxruntime have no base class
        assume(False)
    assert inferred_shape(operator, inputs, attributes) == expected.shape
    if group == 1 and "pads" in attributes and expected.size:
        assert_same_values(expected, operator, inputs, attributes)


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "named"),
    [
        ("Conv", [IMAGES, integers(4, 2, 3, 3)], {"group": 2}, "groups"),
        ("Conv", [IMAGES, integers(4, 4, 3, 3)], {"auto_pad": "SAME_UPPER"}, "padding"),
        ("Resize", [IMAGES, None, np.ones(4)], {"mode": "linear"}, "repeating"),
        ("Resize", [IMAGES, None, real(1, 1, 0.5, 1)], {}, "repeating"),
        ("Constant", [], {"value_int": 3}, "constants"),
    ],
)
def test_numpy_refuses_what_exact_models_do_not_use(
    operator: str, inputs: list[Any], attributes: dict[str, Any], named: str
) -> None:
    with pytest.raises(ModelError, match=named):
        OPERATORS[operator](inputs, attributes)

"""Every operator of the NumPy backend gives the exact results of onnxruntime on integers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scorp_runtime import ModelError
from scorp_runtime.inference.backends.numpy_operators import OPERATORS

X = np.arange(-12, 12, dtype=np.float32).reshape(2, 3, 4)
IMAGES = np.random.default_rng(1).integers(-9, 9, (2, 4, 5, 6)).astype(np.float32)
SQUARE = np.random.default_rng(2).integers(-9, 9, (3, 3)).astype(np.float32)
PIXELS_REPEATED = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


def integers(*shape: int) -> Any:
    return np.random.default_rng(3).integers(-9, 9, shape).astype(np.float32)


@dataclass
class Case:
    operator: str
    inputs: list[Any]
    attributes: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("Add", [X, X[0]]),
    Case("ArgMax", [integers(4, 5)], {"axis": 1, "keepdims": 0}),
    Case("ArgMax", [np.zeros((2, 3), np.float32)], {"axis": -1}),
    Case("Cast", [np.array([0.0, 1.0, 255.0], np.float32)], {"to": onnx.TensorProto.UINT8}),
    Case("Cast", [np.array([-3, 4], np.int8)], {"to": onnx.TensorProto.FLOAT}),
    Case("Clip", [X]),
    Case("Clip", [X, np.array(-2, np.float32)]),
    Case("Clip", [X, None, np.array(5, np.float32)]),
    Case("Clip", [X, np.array(-2, np.float32), np.array(5, np.float32)]),
    Case("Concat", [X, X, 2 * X], {"axis": -1}),
    Case("DepthToSpace", [integers(2, 8, 3, 2)], {"blocksize": 2}),
    Case("DepthToSpace", [integers(2, 8, 3, 2)], {"blocksize": 2, "mode": "CRD"}),
    Case("Div", [X, np.array(4, np.float32)]),
    Case("Flatten", [IMAGES]),
    Case("Flatten", [IMAGES], {"axis": 0}),
    Case("Flatten", [IMAGES], {"axis": -1}),
    Case("Floor", [X / 4]),
    Case("Gather", [X, np.array([1, 0, -1, 1])]),
    Case("Gather", [X, np.array([[2, 0]])], {"axis": 1}),
    Case("Gemm", [SQUARE, integers(3, 3)]),
    Case("Gemm", [integers(2, 3), integers(4, 3), integers(4)], {"transB": 1}),
    Case("Gemm", [integers(3, 2), integers(3, 4), integers(2, 1)], {"transA": 1, "alpha": 0.5, "beta": 2.0}),
    Case("Identity", [X]),
    Case("MatMul", [X, integers(4, 2)]),
    Case("MatMul", [X, integers(2, 4, 2)]),
    Case("Max", [X, -X, np.array(1, np.float32)]),
    Case("MaxPool", [IMAGES], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    Case("MaxPool", [IMAGES], {"kernel_shape": [2, 3], "strides": [2, 1], "pads": [0, 1, 1, 0]}),
    Case("Min", [X, -X, np.array(1, np.float32)]),
    Case("Mul", [X, X[:, :, :1]]),
    Case("Relu", [X]),
    Case("Reshape", [X, np.array([0, -1])]),
    Case("Reshape", [X[:0], np.array([0, 12])], {"allowzero": 1}),
    Case("Resize", [IMAGES, None, np.array([1, 1, 2, 3], np.float32)], PIXELS_REPEATED),
    Case("Resize", [IMAGES, None, np.array([1, 1, 5, 4], np.float32)]),
    Case("Resize", [IMAGES, None, None, np.array([2, 4, 10, 18])]),
    Case("Round", [np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.25], np.float32)]),
    Case("Slice", [X, np.array([1]), np.array([2**63 - 1]), np.array([-1])]),
    Case("Slice", [X, np.array([1, 3]), np.array([-1, -(2**63)]), np.array([1, 2]), np.array([1, -2])]),
    Case("Slice", [X, np.array([0]), np.array([-1])]),
    Case("Squeeze", [X[:1, None]]),
    Case("Squeeze", [X[:1, None], np.array([1])]),
    Case("Sub", [X, integers(3, 1)]),
    Case("Transpose", [X]),
    Case("Transpose", [X], {"perm": [0, 2, 1]}),
    Case("Unsqueeze", [X, np.array([0, -1])]),
]  # fmt: skip


def assert_same(by_onnxruntime: Any, case: Case) -> None:
    expected = by_onnxruntime(case.operator, case.inputs, case.attributes)
    with np.errstate(all="ignore"):  # as the network does
        got = np.asarray(OPERATORS[case.operator](case.inputs, case.attributes))
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operator)
def test_an_operator_agrees_with_onnxruntime(by_onnxruntime: Any, case: Case) -> None:
    assert_same(by_onnxruntime, case)


def test_every_operator_is_compared() -> None:
    convolutions, constant = {"Conv", "ConvTranspose"}, {"Constant"}
    assert {case.operator for case in CASES} | convolutions | constant == set(OPERATORS)


def pair(low: int, high: int) -> Any:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@settings(deadline=None)
@given(data=st.data(), transposed=st.booleans(), biased=st.booleans())
def test_convolutions_agree_with_onnxruntime(
    by_onnxruntime: Any, data: Any, transposed: bool, biased: bool
) -> None:
    kernel, strides, dilations = (data.draw(pair(1, high)) for high in (4, 3, 2))
    pads = data.draw(st.tuples(*[st.integers(0, 1 if transposed else 2)] * 4))
    extra = tuple(data.draw(st.integers(0, stride - 1 if transposed else 0)) for stride in strides)
    sides = data.draw(pair(1, 7))
    for axis in range(2):
        span, padding = (kernel[axis] - 1) * dilations[axis] + 1, pads[axis] + pads[axis + 2]
        if transposed:
            assume((sides[axis] - 1) * strides[axis] + span + extra[axis] > padding)
        else:
            assume(sides[axis] + padding >= span)
    attributes = {"strides": strides, "dilations": dilations, "pads": pads}
    weight, bias = integers(*((3, 4) if transposed else (4, 3)), *kernel), integers(4)
    inputs = [integers(2, 3, *sides), weight, *([bias] if biased else [])]
    operator = "ConvTranspose" if transposed else "Conv"
    assert_same(
        by_onnxruntime,
        Case(operator, inputs, attributes | ({"output_padding": extra} if transposed else {})),
    )


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (Case("Conv", [IMAGES, integers(4, 2, 3, 3)], {"group": 2}), "groups"),
        (Case("Conv", [IMAGES, integers(4, 4, 3, 3)], {"auto_pad": "SAME_UPPER"}), "padding"),
        (Case("Resize", [IMAGES, None, np.ones(4)], {"mode": "linear"}), "repeating"),
        (Case("Resize", [IMAGES, None, np.ones(4)], {"nearest_mode": "ceil"}), "repeating"),
        (Case("Resize", [IMAGES, None, np.array([1, 1, 0.5, 1])]), "repeating"),
        (Case("Constant", [], {"value_int": 3}), "constants"),
    ],
)
def test_an_unsupported_attribute_is_refused(case: Case, named: str) -> None:
    with pytest.raises(ModelError, match=named):
        OPERATORS[case.operator](case.inputs, case.attributes)

"""A hostile model is refused or draws; it neither ends the process nor blocks it.

The models reach onnxruntime, which is native code. It runs in its own process here, so that a crash is reported.
"""

import json
import random
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from scorp_runtime import ModelError
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.model import onnx_reader, validation

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # of a model, where a test fails
]
TIMEOUT = 60  # s
Damage = Callable[[st.DataObject, bytes], bytes]


class DrawingProcess:
    """Draws with models, and restarts if one of them ends it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "hostile.onnx"
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        script = Path(__file__).with_name("drawing_process.py")
        command = [sys.executable, "-P", str(script)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def attempt(self, model: bytes, backend: str) -> str:
        """Draw with a model and return the outcome."""
        self._path.write_bytes(model)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(self._path), backend]) + "\n")
        self._process.stdin.flush()
        answered = select.select([self._process.stdout], [], [], TIMEOUT)[0]
        line = self._process.stdout.readline() if answered else ""
        if not line:
            self.end()
            code, self._process = self._process.returncode, self._start()
            raise AssertionError(f"the process ended with {code}" if answered else "the process hangs")
        outcome: str = json.loads(line)
        return outcome

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrawingProcess]:
    process = DrawingProcess(tmp_path_factory.mktemp("hostile"))
    yield process
    process.end()


def refused_or_drawn(process: DrawingProcess, model: bytes, backend: str) -> str:
    outcome = process.attempt(model, backend)
    assert outcome.startswith(("ModelError: ", "drew (2, ")), outcome
    assert outcome.isprintable(), repr(outcome)
    return outcome


def sealed(proto: onnx.ModelProto) -> bytes:
    """Return the bytes of a model with a correct checksum, so that it gets as far as possible."""
    weights = onnx_reader.parse(proto.SerializeToString()).initialisers
    for entry in proto.metadata_props:
        if entry.key == "weights_sha256":
            entry.value = validation.weights_sha256(weights)
    return proto.SerializeToString()


def change_operator(proto: onnx.ModelProto, draw: random.Random) -> None:
    draw.choice(proto.graph.node).op_type = draw.choice(sorted(validation.OPERATORS))


def change_inputs(proto: onnx.ModelProto, draw: random.Random) -> None:
    node = draw.choice(proto.graph.node)
    names = ["", "noise", *(name for other in proto.graph.node for name in (*other.input, *other.output))]
    inputs = [draw.choice(names) if draw.random() < 0.4 else name for name in node.input]
    del node.input[:]
    node.input.extend(inputs[: draw.choice([1, 2, 99])] + [draw.choice(names)] * draw.choice([0, 0, 1, 3]))


def change_attribute(proto: onnx.ModelProto, draw: random.Random) -> None:
    node = draw.choice([node for node in proto.graph.node if node.attribute])
    attribute = draw.choice(node.attribute)
    odd = [0, 1, -1, 2, 7, 255, 2**31 - 1, 2**31, -(2**63), 2**63 - 1, 1 << 40]
    attribute.i = draw.choice(odd)
    attribute.f = draw.choice([0.0, -1.0, 1e38, float("nan"), float("inf")])
    attribute.s = draw.choice([b"", b"linear", b"\xff", b"a" * 1000])
    for place in range(len(attribute.ints)):
        if draw.random() < 0.5:
            attribute.ints[place] = draw.choice(odd)
    attribute.ints.extend([draw.choice(odd)] * draw.choice([0, 0, 1]))


def add_attribute(proto: onnx.ModelProto, draw: random.Random) -> None:
    names = ["axis", "axes", "group", "strides", "pads", "dilations", "kernel_shape", "to", "mode", "perm"]
    names += ["allowzero", "blocksize", "output_padding", "auto_pad", "keepdims", "value", "alpha"]
    value = draw.choice([0, -1, 3, 1 << 40, [0, 0], [-1] * 4, [1 << 40] * 4, "x", 0.5])
    draw.choice(proto.graph.node).attribute.append(helper.make_attribute(draw.choice(names), value))


def change_tensor(proto: onnx.ModelProto, draw: random.Random) -> None:
    tensor = draw.choice(proto.graph.initializer)
    array = numpy_helper.to_array(tensor)
    kinds = [np.float32, np.int64, np.int8, np.uint8, np.int32, np.float64, np.bool_, np.float16]
    match draw.choice(["shape", "kind", "values", "empty"]):
        case "shape":
            array = array.reshape(
                draw.choice([(-1,), (1, -1), (-1, 1), (*array.shape, 1), array.shape[::-1]])
            )
        case "kind":
            with np.errstate(all="ignore"):  # values that overflow are arbitrary
                array = array.astype(draw.choice(kinds))
        case "values":
            odd = [0, 1, -1, 127, -128, 100_000, 2**31 - 1, 2**62]
            fitting = [
                value for value in odd if array.dtype.kind != "i" or abs(value) <= np.iinfo(array.dtype).max
            ]
            with np.errstate(over="ignore"):  # of float16
                array = np.full(array.shape, draw.choice(fitting)).astype(array.dtype)
        case "empty":
            array = array[:0]
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))


def change_order(proto: onnx.ModelProto, draw: random.Random) -> None:
    nodes = list(proto.graph.node)
    first, second = draw.randrange(len(nodes)), draw.randrange(len(nodes))
    nodes[first], nodes[second] = nodes[second], nodes[first]
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(kept[: draw.choice([len(kept), len(kept), len(kept) - 1])])


def change_promise(proto: onnx.ModelProto, draw: random.Random) -> None:
    value = draw.choice([*proto.graph.input, *proto.graph.output])
    for dimension in value.type.tensor_type.shape.dim[1:]:
        if draw.random() < 0.5:
            dimension.dim_value = draw.choice([1, 2, 29, 64, 1024, 65535])


def change_opset(proto: onnx.ModelProto, draw: random.Random) -> None:
    proto.opset_import[0].version = draw.randint(1, 17)
    proto.ir_version = draw.randint(1, 8)


def add_growth(proto: onnx.ModelProto, draw: random.Random) -> None:
    """Enlarge an input of a node, by little or beyond all memory."""
    size = draw.choice([1, 2, 100, 1 << 16, 1 << 20, 1 << 31, 1 << 62])
    stated = numpy_helper.from_array(np.array([size, 1], np.int64), "growth")
    scales = numpy_helper.from_array(np.array([1, size], np.float32), "scales")
    place = draw.choice([place for place, node in enumerate(proto.graph.node) if node.input])
    node = proto.graph.node[place]
    taken = draw.randrange(len(node.input))
    inputs = {
        "Expand": [node.input[taken], "growth"],
        "ConstantOfShape": ["growth"],
        "OneHot": ["label", "growth", "scales"],
        "Resize": [node.input[taken], "", "scales"],
        "Reshape": [node.input[taken], "growth"],
        "MatMul": [node.input[taken], node.input[taken]],
    }
    operator = draw.choice(sorted(inputs))
    node.input[taken] = "grown"
    more = helper.make_node(operator, inputs[operator], ["grown"])
    proto.graph.node.insert(place, more)
    proto.graph.initializer.extend([stated, scales])


CHANGES = [
    add_growth,
    change_operator,
    change_inputs,
    change_attribute,
    add_attribute,
    change_tensor,
    change_order,
    change_promise,
    change_opset,
]


@settings(deadline=None)
@given(
    changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
    backend=st.sampled_from(BACKENDS),
)
def test_a_changed_graph(
    process: DrawingProcess,
    model_bytes: bytes,
    changes: list[Callable[[onnx.ModelProto, random.Random], None]],
    seed: int,
    backend: str,
) -> None:
    proto, draw = onnx.ModelProto.FromString(model_bytes), random.Random(seed)
    for change in changes:
        change(proto, draw)
    try:
        model = sealed(proto)
    except ModelError:  # refused before anything is drawn
        return
    refused_or_drawn(process, model, backend)


@settings(deadline=None)
@given(st.data())
def test_damaged_bytes(
    process: DrawingProcess, model_bytes: bytes, damage: Damage, data: st.DataObject
) -> None:
    backend = data.draw(st.sampled_from(BACKENDS), "backend")
    refused_or_drawn(process, damage(data, model_bytes), backend)

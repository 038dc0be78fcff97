"""A hostile model is refused or draws, with each backend. A crash of onnxruntime ends the tests."""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from scorp_runtime import Generator, ModelError
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.model import onnx_reader, validation

resource = pytest.importorskip("resource")  # not on Windows
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="others do not limit the address space"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # of a model, where a test fails
]
Damage = Callable[[st.DataObject, bytes], bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(autouse=True, scope="module")
def _limited_memory() -> Iterator[None]:
    """More than the tests and any valid model need."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def refused_or_drawn(folder: Path, model: bytes, backend: str) -> None:
    path = folder / "hostile.onnx"
    path.write_bytes(model)
    try:
        images = Generator(path, backend=backend).generate("0-1", seed=1).images
    except ModelError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
    else:
        assert (len(images), images.dtype) == (2, np.uint8)


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


def change_tensor(proto: onnx.ModelProto, draw: random.Random) -> None:
    tensor = draw.choice(proto.graph.initializer)
    array = numpy_helper.to_array(tensor)
    kinds = [np.float32, np.int64, np.int8, np.uint8, np.int32, np.float64, np.bool_, np.float16]
    shapes = [(-1,), (1, -1), (-1, 1), (*array.shape, 1), array.shape[::-1]]
    with np.errstate(all="ignore"):  # values that overflow are arbitrary
        match draw.choice(["shape", "kind", "values", "empty"]):
            case "shape":
                array = array.reshape(draw.choice(shapes))
            case "kind":
                array = array.astype(draw.choice(kinds))
            case "values":
                odd = np.array(draw.choice([0, 1, -1, 127, -128, 100_000, 2**31 - 1, 2**62]))
                array = np.full(array.shape, odd.astype(array.dtype))
            case "empty":
                array = array[:0]
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))


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


CHANGES = [add_growth, change_operator, change_inputs, change_attribute, change_tensor]


@settings(deadline=None)
@given(
    changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
    backend=st.sampled_from(BACKENDS),
)
def test_a_changed_graph(
    folder: Path,
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
    refused_or_drawn(folder, model, backend)


@settings(deadline=None)
@given(st.data())
def test_damaged_bytes(folder: Path, model_bytes: bytes, damage: Damage, data: st.DataObject) -> None:
    backend = data.draw(st.sampled_from(BACKENDS), "backend")
    refused_or_drawn(folder, damage(data, model_bytes), backend)

"""A model that breaks the contract is refused with one line that names the part."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from scorp_runtime import Generator, ModelError, ModelInfo

Change = Callable[[onnx.ModelProto], None]


def value(name: str, kind: int, shape: list[Any]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def put_input(position: int, *parts: Any) -> Change:
    return lambda proto: proto.graph.input[position].CopyFrom(value(*parts))


def put_output(*parts: Any) -> Change:
    return lambda proto: proto.graph.output[0].CopyFrom(value(*parts))


def put_operator(name: str, domain: str = "") -> Change:
    return lambda proto: proto.graph.node.append(helper.make_node(name, ["image"], ["more"], domain=domain))


def put_metadata(key: str, text: str) -> Change:
    def change(proto: onnx.ModelProto) -> None:
        for entry in proto.metadata_props:
            if entry.key == key:
                entry.value = text

    return change


def edit_metadata(key: str, edit: Callable[[Any], Any]) -> Change:
    def change(proto: onnx.ModelProto) -> None:
        (text,) = (entry.value for entry in proto.metadata_props if entry.key == key)
        document = json.loads(text)
        edit(document)
        put_metadata(key, json.dumps(document))(proto)

    return change


def keep_outside(proto: onnx.ModelProto) -> None:
    tensor = proto.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.ClearField("raw_data")


F, U8, I64 = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64

BREACHES: dict[str, tuple[Change, str]] = {
    "opset": (lambda p: setattr(p.opset_import[0], "version", 18), "opset 18 is not one of 1 to 17"),
    "ir": (lambda p: setattr(p, "ir_version", 9), "IR version 9 is not one of 1 to 8"),
    "domain": (lambda p: p.opset_import.append(helper.make_opsetid("com.microsoft", 1)), "'com.microsoft'"),
    "no opset": (lambda p: p.ClearField("opset_import"), "exactly one opset"),
    "operator": (put_operator("Loop"), "operator 'Loop' is not on the list"),
    "operator's domain": (put_operator("Relu", "evil"), "operator Relu is of the domain 'evil'"),
    "no graph": (lambda p: p.ClearField("graph"), "the model lacks a graph"),
    "functions": (lambda p: p.functions.add(), "functions"),
    "external data": (keep_outside, "is stored outside the file"),
    "input's name": (put_input(0, "z", F, ["N", 9]), "inputs z, label, style, not noise, label, style"),
    "input's type": (put_input(1, "label", TensorProto.INT32, ["N"]), "input 'label' is int32, not int64"),
    "input's rank": (put_input(0, "noise", F, ["N", 9, 1]), "input 'noise' has 3 dimensions, not 2"),
    "batch": (put_input(0, "noise", F, [1, 9]), "input 'noise' must leave its first dimension free"),
    "noise": (put_input(0, "noise", F, ["N", "Z"]), "input 'noise' must leave its first dimension free"),
    "no noise": (put_input(0, "noise", F, ["N", 0]), "input 'noise' has 0 columns"),
    "style": (put_input(2, "style", F, ["N", 2]), "input 'style' has 2 columns, but the metadata 3 knobs"),
    "output's name": (put_output("picture", U8, ["N", 12, 10]), "outputs picture, not image"),
    "output's type": (put_output("image", F, ["N", 12, 10]), "output 'image' is float32, not uint8"),
    "output's size": (put_output("image", U8, ["N", 2000, 10]), "output 'image' is 2000 x 10"),
    "element type": (put_output("image", TensorProto.STRING, ["N", 2, 2]), r"element type \(8\)"),
    "no metadata": (lambda p: p.ClearField("metadata_props"), "metadata 'scorp_format' is missing"),
    "format": (put_metadata("scorp_format", "2"), "'scorp_format' is '2'; this package reads '1'"),
    "name": (put_metadata("name", " "), "metadata 'name' is missing"),
    "classes": (put_metadata("classes", "[]"), "metadata 'classes' is not a list"),
    "classes' JSON": (put_metadata("classes", "[" * 100_000), "metadata 'classes' is not valid JSON"),
    "class twice": (put_metadata("classes", '["1", "1"]'), "metadata 'classes' names a class twice"),
    "any and more": (put_metadata("classes", '["any", "1"]'), "has 'any'"),
    "class name": (put_metadata("classes", '["../up"]'), "'../up'"),
    "knob name": (edit_metadata("knobs", lambda k: k[0].update(name="seed")), "'seed'"),
    "knob twice": (edit_metadata("knobs", lambda k: k[0].update(name="slant")), "names a knob twice"),
    "knob range": (edit_metadata("knobs", lambda k: k[0].update(low=9)), "9..6"),
    "knob step": (edit_metadata("knobs", lambda k: k[0].update(step=0.3)), "power of two: 0.3"),
    "knob grid": (edit_metadata("knobs", lambda k: k[0].update(low=1.01)), "not on its grid"),
    "knob number": (edit_metadata("knobs", lambda k: k[0].update(low=None)), "finite number"),
    "natural class": (edit_metadata("natural", lambda n: n.pop("3")), "'natural' lacks class '3'"),
    "correlation": (
        edit_metadata("natural", lambda n: n["3"]["correlation"][0].reverse()),
        "3' .*correlation",
    ),
    "quantiles": (edit_metadata("natural", lambda n: n["3"]["quantiles"][0].reverse()), "3' .*quantiles"),
    "infinity": (put_metadata("scores", '{"a": Infinity}'), "metadata 'scores' is not valid JSON"),
    "big number": (put_metadata("scores", '{"a": 1e999}'), "metadata 'scores' has 'inf'"),
    "exact": (put_metadata("exact", "yes"), "metadata 'exact' is malformed: 'yes'"),
    "macs": (put_metadata("macs", "-1"), "metadata 'macs' is malformed"),
    "checksum": (put_metadata("weights_sha256", "0" * 64), "weights do not match the checksum"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_broken_model_is_refused(proto: onnx.ModelProto, tmp_path: Path, breach: str) -> None:
    change, message = BREACHES[breach]
    change(proto)
    path = tmp_path / "broken.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError, match=message) as caught:
        Generator(path)
    assert str(caught.value).startswith(f"model {path}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_metadata_round_trips_without_unknown_keys(metadata: dict[str, str]) -> None:
    info = ModelInfo.from_metadata({**metadata, "from the future": "?"})
    assert info.to_metadata() == metadata
    assert ModelInfo.from_metadata(info.to_metadata()) == info


def test_invalid_metadata_is_not_written(metadata: dict[str, str]) -> None:
    info = ModelInfo.from_metadata(metadata)
    with pytest.raises(ModelError, match="names a class twice"):
        replace(info, classes=("1", "1")).to_metadata()
    with pytest.raises(ModelError, match="cannot be written as JSON"):
        replace(info, scores={"loss": float("nan")}).to_metadata()


def test_a_graph_that_onnxruntime_cannot_load_is_a_model_error(proto: onnx.ModelProto, saved: Any) -> None:
    proto.graph.node[0].attribute.append(helper.make_attribute("odd", 1))
    with pytest.raises(ModelError, match="onnxruntime cannot load the model"):
        Generator(saved(proto)).generate(7)


def test_a_model_without_knobs_draws(proto: onnx.ModelProto, saved: Any) -> None:
    proto.graph.input[2].CopyFrom(value("style", F, ["N", 0]))
    (style,) = (tensor for tensor in proto.graph.initializer if tensor.name == "style_weights")
    style.CopyFrom(numpy_helper.from_array(np.zeros((0, 120), np.int8), "style_weights"))
    put_metadata("knobs", "[]")(proto)
    natural = {str(n): {"correlation": [], "quantiles": []} for n in range(10)}
    put_metadata("natural", json.dumps(natural))(proto)
    batch = Generator(saved(proto)).generate("0-9", 70, seed=1)
    assert batch.styles.shape == (70, 0)
    assert len(np.unique(batch.images, axis=0)) == 70

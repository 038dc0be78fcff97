"""What an export writes, and what the export gate refuses."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper, reference

from scorp_runtime import Generator
from scorp_runtime.inference.golden import check_golden
from scorp_runtime.model.onnx_reader import parse
from scorp_runtime.model.validation import weights_sha256
from scorp_runtime.sampling.philox import Purpose, normals
from scorp_train.cli.export import main as export
from scorp_train.cli.pipeline import prepare
from scorp_train.data import load_dataset
from scorp_train.errors import ExportError
from scorp_train.export.gate import pass_gate
from scorp_train.models.multires.networks import ExportedGenerator
from scorp_train.training.run_folder import RunFolder


@pytest.fixture
def model(finished: Path) -> onnx.ModelProto:
    return onnx.load(finished / "digits.onnx")


def test_export_writes_model_card_and_golden_file(finished: Path, tmp_path: Path) -> None:
    assert export([str(finished), str(tmp_path), "--name", "mine", "--model-version", "1.2.3"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.golden.json", "mine.md", "mine.onnx"]
    generator = Generator(tmp_path / "mine.onnx")
    assert (generator.info.name, generator.info.version, generator.info.exact) == ("mine", "1.2.3", True)
    assert check_golden(generator, (tmp_path / "mine.golden.json").read_bytes()) > 0
    card = (tmp_path / "mine.md").read_text()
    assert generator.info.recipe["command"] in card
    assert generator.info.weights_sha256 in card


def test_metadata_describes_the_training(finished: Path) -> None:
    info = Generator(finished / "digits.onnx").info
    assert info.classes == tuple("0123456789")
    assert [(knob.name, knob.unit) for knob in info.knobs] == [
        ("thickness", "px"), ("slant", "degrees"), ("width", "px"), ("rarity", "")
    ]  # fmt: skip
    assert info.dataset["images"] == 384
    assert info.recipe["options"]["training"]["batch"] == 64
    assert info.macs > 100_000


def test_pixels_equal_the_onnx_reference_implementation(finished: Path, model: onnx.ModelProto) -> None:
    batch = Generator(finished / "digits.onnx").generate("0-9", 20, seed=3)
    latent = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    feed = {"noise": normals(3, Purpose.NOISE, 0, 20, latent), "label": batch.labels, "style": batch.styles}
    (images,) = reference.ReferenceEvaluator(model).run(None, feed)
    assert np.array_equal(images, batch.images)


def test_unfinished_run_is_refused(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "options.json").write_bytes((finished / "options.json").read_bytes())
    assert export([str(run), str(tmp_path / "out")]) == 1
    assert "step 0 of 12" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def _generator(finished: Path) -> ExportedGenerator:
    run = RunFolder(finished)
    plan = run.plan()
    trainer = prepare(plan, load_dataset(plan.training.data), run)
    generator = trainer.model.export_module(trainer.step)
    assert isinstance(generator, ExportedGenerator)
    return generator


def test_gate_passes_the_exported_model(finished: Path) -> None:
    proof = pass_gate((finished / "digits.onnx").read_bytes(), _generator(finished), exact=True)
    assert proof is not None
    assert 0 < proof.share < 1


def test_gate_refuses_other_pixels_than_the_network(finished: Path) -> None:
    module = _generator(finished)
    with torch.no_grad():
        module.generator.last.codes[0, 0, 1, 1] ^= 64
    with pytest.raises(ExportError, match="grey levels"):
        pass_gate((finished / "digits.onnx").read_bytes(), module, exact=True)


def test_gate_refuses_a_false_claim_of_exactness(finished: Path, model: onnx.ModelProto) -> None:
    # With a scale that is not a power of two, sums depend on their order.
    for tensor in model.graph.initializer:
        if tensor.name.endswith("low.scale"):
            tensor.CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(1 / 3), tensor.name)
            )
    _renew_checksum(model)
    with pytest.raises(ExportError, match="exactness"):
        pass_gate(model.SerializeToString(), _generator(finished), exact=True)


def _renew_checksum(model: onnx.ModelProto) -> None:
    properties = {entry.key: entry.value for entry in model.metadata_props}
    checksum = weights_sha256(parse(model.SerializeToString()).initialisers)
    onnx.helper.set_model_props(model, properties | {"weights_sha256": checksum})


def test_golden_file_has_every_class(finished: Path) -> None:
    golden = json.loads((finished / "digits.golden.json").read_text())
    assert golden["model_sha256"] == hashlib.sha256((finished / "digits.onnx").read_bytes()).hexdigest()
    assert any(case["labels"] == "all" for case in golden["cases"])

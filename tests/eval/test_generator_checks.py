"""Indices that do not regenerate, and exactness that is only claimed, are found."""

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from scorp_runtime import Generator
from scorp_runtime.model.validation import weights_sha256
from scorp_train.evaluation import generator_checks
from scorp_train.evaluation.generator_checks import check_generator, generator_section
from scorp_train.judge import load_judge


@pytest.fixture(scope="module")
def generator():
    return Generator("digits")


def test_the_released_model_passes(generator):
    checks = {check.name: check for check in check_generator(generator, seed=3)}
    assert checks["regenerates"].passed
    assert checks["exact"].passed == generator.info.exact


class Forgetful:
    """A generator whose images depend on the batch size."""

    classes = ("0", "1")
    info = SimpleNamespace(exact=False)
    model_file = SimpleNamespace(place="nowhere")

    def generate(self, labels, *, seed, start=0):
        random = np.random.default_rng((seed, start, len(labels)))
        return SimpleNamespace(images=random.integers(0, 256, (len(labels), 28, 28), np.uint8))


def test_images_that_depend_on_the_batch_are_found(monkeypatch):
    monkeypatch.setattr(generator_checks, "Generator", lambda place: Forgetful())
    (check,) = check_generator(Forgetful(), seed=0)
    assert not check.passed


def test_pixels_that_depend_on_the_batch_size_are_found(generator, monkeypatch):
    run = generator_checks._run

    def shaky(session, inputs, size):
        images = run(session, inputs, size)
        if size == 7:
            images[3, 14, 14] ^= 1
        return images

    monkeypatch.setattr(generator_checks, "_run", shaky)
    check = generator_checks._exact(generator, seed=0)
    assert not check.passed
    assert "8 of" in check.detail


def test_a_false_claim_of_exactness_is_found(generator, tmp_path):
    """Sums with a scale that is not a power of two depend on their order, even if no run shows it."""
    model = onnx.load_from_string(generator.model_file.read())
    scale = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("high.scale"))
    scale.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(scale) * np.float32(1 / 3), scale.name))
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    properties = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, properties | {"weights_sha256": weights_sha256(weights)})
    onnx.save(model, tmp_path / "claimed.onnx")
    checks = {check.name: check for check in check_generator(Generator(tmp_path / "claimed.onnx"), seed=0)}
    assert not checks["exact"].passed
    assert "cannot be proved" in checks["exact"].detail


def test_every_knob_is_varied_and_measured(generator, judge, tiny_sizes):
    section = generator_section(generator, judge, tiny_sizes, seed=0)
    names = {metric.info.name for metric in section.metrics}
    for knob in generator.knobs[:3]:  # the rarity is not measured
        assert {f"{knob.name}_error", f"{knob.name}_rank", f"{knob.name}_accuracy"} <= names
        asked = section.details["knobs"][knob.name]["asked"]
        assert asked == sorted(asked)
    assert "nudge_ssim" in names
    alike = section.details["stability"]["ssim"]
    assert alike == sorted(alike, reverse=True)


def test_knobs_are_varied_for_the_classes_that_the_judge_knows(tiny_sizes):
    section = generator_section(Generator("letters"), load_judge("mnist"), tiny_sizes, seed=0)
    accuracies = [each.value for each in section.metrics if each.info.name.endswith("_accuracy")]
    assert len(accuracies) == 3
    assert min(accuracies) > 0.7

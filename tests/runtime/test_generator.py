"""Drawing with a generator, and finding its model."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import CountError, Effects, Generator, LabelError, ModelError, RequestError
from scorp_runtime.sampling.philox import Purpose, normals


def test_a_batch_has_images_labels_and_styles(generator: Generator) -> None:
    batch = generator.generate("0-9", 25, seed=6, start=3)
    assert (batch.images.shape, batch.images.dtype) == ((25, 12, 10), np.uint8)
    assert (batch.labels.shape, batch.labels.dtype) == ((25,), np.int64)
    assert (batch.styles.shape, batch.styles.dtype) == ((25, 3), np.float32)
    assert (batch.seed, batch.start, len(batch)) == (6, 3, 25)
    assert (batch.class_names, batch.knob_names) == (generator.classes, ("thickness", "slant", "width"))
    assert batch.images.std() > 20


def test_images_follow_the_integer_arithmetic_of_the_model(generator: Generator, proto: Any) -> None:
    from onnx import numpy_helper

    weights = {
        tensor.name: numpy_helper.to_array(tensor).astype(np.int64) for tensor in proto.graph.initializer[:3]
    }
    batch = generator.generate(None, 100, seed=8)
    noise = normals(8, Purpose.NOISE, 0, 100, 9)
    total = (
        np.rint(noise * 16).astype(np.int64) @ weights["noise_weights"]
        + weights["class_weights"][batch.labels]
        + (batch.styles * 16).astype(np.int64) @ weights["style_weights"]
    )
    assert np.array_equal(batch.images.reshape(100, -1), np.clip(total >> 4, 0, 255))


@pytest.mark.parametrize("effects", [None, Effects(shift=1)])
def test_out_is_filled_and_returned(generator: Generator, effects: Effects | None) -> None:
    expected = generator.generate("0-9", 300, seed=1, effects=effects)
    canvas = np.zeros((3, 300, 12, 10), np.uint8)
    batch = generator.generate("0-9", 300, seed=1, out=canvas[1], effects=effects)
    assert np.shares_memory(batch.images, canvas)
    assert np.array_equal(canvas[1], expected.images)
    assert np.array_equal(batch.styles, expected.styles)
    assert not canvas[[0, 2]].any()
    strided = np.zeros((12, 10, 300), np.uint8).transpose(2, 0, 1)
    assert np.array_equal(
        generator.generate("0-9", 300, seed=1, out=strided, effects=effects).images, canvas[1]
    )


def test_an_invalid_out_is_refused(generator: Generator) -> None:
    fitting = np.zeros((5, 12, 10), np.uint8)
    read_only = fitting.copy()
    read_only.flags.writeable = False
    invalid: list[Any] = [read_only, fitting[1:], fitting.transpose(0, 2, 1), fitting * 1.0, [1]]
    for out, effects in [*((out, None) for out in invalid), (fitting, Effects(size=24))]:
        with pytest.raises(RequestError, match="out must be"):
            generator.generate(7, 5, out=out, effects=effects)


def test_iter_batches_refuses_bad_arguments_at_the_call(generator: Generator) -> None:
    bad: list[dict[str, Any]] = [
        {"labels": "x"},
        {"labels": 7, "batch_size": 0},
        {"labels": 7, "slant": [1.0, 2.0, 3.0]},
        {"labels": 7, "effects": 3},
    ]
    for arguments in bad:
        with pytest.raises(RequestError):
            generator.iter_batches(**arguments)


def test_a_generator_describes_its_model(generator: Generator, tiny_path: Path) -> None:
    assert generator.classes == tuple("0123456789")
    assert [knob.name for knob in generator.knobs] == ["thickness", "slant", "width"]
    assert generator.image_shape == (12, 10)
    assert str(tiny_path) in repr(generator)
    assert len(repr(generator.info)) < 2000


@pytest.mark.parametrize("model", ["nowhere.onnx", ".", "/dev/null", "nobody", 3])
def test_a_missing_model_is_a_model_error(tmp_path: Path, monkeypatch: Any, model: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        Generator(model)


def test_a_pickle_keeps_an_absolute_path_and_no_weights(
    generator: Generator, tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_path.parent)
    frozen = pickle.dumps(Generator("tiny.onnx"))
    assert len(frozen) < 1000
    monkeypatch.chdir(tmp_path)
    again = pickle.loads(frozen)
    assert np.array_equal(again.generate("0-9", seed=1).images, generator.generate("0-9", seed=1).images)


def test_a_pickle_of_a_changed_model_is_refused(proto: Any, saved: Any) -> None:
    path = saved(proto)
    frozen = pickle.dumps(Generator(path))
    proto.producer_name = "someone else"
    saved(proto)
    with pytest.raises(ModelError, match="has changed"):
        pickle.loads(frozen)
    path.unlink()
    with pytest.raises(ModelError):
        pickle.loads(frozen)


def test_synthesize_draws_the_inputs_of_a_batch(generator: Generator) -> None:
    batch = generator.generate("0-9", 75, seed=3, start=9)
    noise = normals(3, Purpose.NOISE, 9, 75, 9)
    assert np.array_equal(generator.synthesize(noise, batch.labels, batch.styles), batch.images)
    assert generator.synthesize([[0.0] * 9], [7], [[3, 0, 8]]).shape == (1, 12, 10)
    empty = generator.synthesize(np.zeros((0, 9)), np.zeros(0, np.int64), np.zeros((0, 3)))
    assert empty.shape == (0, 12, 10)


@pytest.mark.parametrize(
    ("noise", "labels", "styles", "error", "named"),
    [
        ([[0.0] * 8], [7], [[3, 0, 8]], RequestError, r"noise .*\(1, 9\)"),
        ([[0.0] * 9], [7], [[3, 0]], RequestError, r"styles .*\(1, 3\)"),
        ([["a"] * 9], [7], [[3, 0, 8]], RequestError, "noise"),
        ([[float("inf")] * 9], [7], [[3, 0, 8]], RequestError, "noise .* finite"),
        ([[0.0] * 9], [10], [[3, 0, 8]], LabelError, "0 to 9"),
        ([[0.0] * 9], [7.0], [[3, 0, 8]], LabelError, "whole numbers"),
        ([[0.0] * 9], 7, [[3, 0, 8]], LabelError, "one-dimensional"),
    ],
)
def test_synthesize_names_an_invalid_input(
    generator: Generator, noise: Any, labels: Any, styles: Any, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        generator.synthesize(noise, labels, styles)


@pytest.mark.parametrize("count", [10**12, 2**64])
def test_more_images_than_memory_holds_are_refused(generator: Generator, count: int) -> None:
    with pytest.raises(CountError, match=f"{count} images .* iter_batches"):
        generator.generate(7, count)


# The first images set everything up; then the peak may grow by a few batches at most.
MEMORY = """
import resource, sys
from scorp_runtime import Generator

generator = Generator(sys.argv[1], threads=int(sys.argv[2]), backend=sys.argv[3])
for count in (2_000, 100_000):
    for batch in generator.iter_batches("0-9", count, seed=1):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize(("threads", "backend"), [(1, "onnxruntime"), (2, "onnxruntime"), (1, "numpy")])
def test_memory_does_not_grow(
    tiny_path: Path, environment: dict[str, str], threads: int, backend: str
) -> None:
    command = [sys.executable, "-c", MEMORY, str(tiny_path), str(threads), backend]
    result = subprocess.run(command, capture_output=True, check=True, env=environment)
    few, many = map(int, result.stdout.split())
    assert many <= 1.1 * few

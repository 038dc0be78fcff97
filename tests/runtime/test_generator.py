"""Drawing with a generator, finding its model, and batches as sequences, arrays, files and pictures."""

import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import (
    Batch,
    CountError,
    Effects,
    Generator,
    LabelError,
    ModelError,
    OutputError,
    RequestError,
)
from scorp_runtime.sampling.philox import Purpose, normals


def test_a_batch_has_images_labels_and_styles(generator: Generator) -> None:
    batch = generator.generate("0-9", 25, seed=6, start=3)
    assert (batch.images.shape, batch.images.dtype) == ((25, 12, 10), np.uint8)
    assert (batch.labels.shape, batch.labels.dtype) == ((25,), np.int64)
    assert (batch.styles.shape, batch.styles.dtype) == ((25, 3), np.float32)
    assert (batch.seed, batch.start, len(batch)) == (6, 3, 25)
    assert (batch.class_names, batch.knob_names) == (
        generator.classes,
        ("thickness", "slant", "width"),
    )
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


@pytest.fixture
def batch(generator: Generator) -> Batch:
    return generator.generate("0-9", 25, seed=6, start=3)


def test_items_are_images_and_labels(batch: Batch) -> None:
    items = list(batch)
    assert len(items) == 25
    for position in (0, 24, -1, np.int64(7)):
        image, label = batch[position]
        assert np.array_equal(image, batch.images[position])
        assert (label, type(label)) == (batch.labels[position], int)
        assert np.array_equal(items[position][0], image)
        assert items[position][1] == label
    for position in (25, -26):
        with pytest.raises(IndexError):
            batch[position]
    with pytest.raises(TypeError):
        batch["7"]  # type: ignore[call-overload]


@pytest.mark.parametrize("part", [slice(None), slice(4, 9), slice(-5, None), slice(30, 40), slice(9, 4)])
def test_a_slice_is_a_batch_that_keeps_its_indices(generator: Generator, batch: Batch, part: slice) -> None:
    some = batch[part]
    assert some.start == 3 + part.indices(25)[0]
    expected = generator.generate("0-9", len(some), seed=6, start=some.start)
    assert np.array_equal(some.images, expected.images)
    assert np.array_equal(some.labels, expected.labels)
    assert np.array_equal(some.styles, expected.styles)
    assert (some.seed, some.class_names, some.knob_names) == (6, batch.class_names, batch.knob_names)


def test_a_slice_with_gaps_is_refused(batch: Batch) -> None:
    with pytest.raises(ValueError, match=r"batch\.images"):
        batch[::2]


def test_an_array_of_a_batch_is_its_images(batch: Batch) -> None:
    assert np.asarray(batch) is batch.images
    assert np.asarray(batch, np.float32).dtype == np.float32
    assert not np.shares_memory(np.array(batch), batch.images)


def test_an_archive_has_everything_as_that_of_the_command_line(
    batch: Batch, made: Any, tmp_path: Path
) -> None:
    batch.save(tmp_path / "a.NPZ")
    made("0-9", "b.npz", "-n", 25, "--seed", 6, "--start", 3)
    for name in ("a.NPZ", "b.npz"):
        with np.load(tmp_path / name, allow_pickle=False) as found:
            assert sorted(found) == ["classes", "images", "knobs", "labels", "seed", "start", "styles"]
            for array in ("images", "labels", "styles"):
                assert np.array_equal(found[array], getattr(batch, array))
            assert (tuple(found["classes"]), tuple(found["knobs"])) == (batch.class_names, batch.knob_names)
            assert (int(found["seed"]), int(found["start"])) == (6, 3)


def test_a_contact_sheet_has_the_pixels_of_the_command_line(batch: Batch, made: Any, tmp_path: Path) -> None:
    batch[:23].save(str(tmp_path / "a.png"))
    made("0-9", "b.png", "-n", 23, "--seed", 6, "--start", 3)
    saved, written = (np.asarray(Image.open(tmp_path / name)) for name in ("a.png", "b.png"))
    assert np.array_equal(saved, written)


def test_a_notebook_shows_the_first_images(generator: Generator, batch: Batch) -> None:
    shown = np.asarray(Image.open(BytesIO(batch._repr_png_() or b"")))
    assert shown.shape == (5 * 12 * 2, 5 * 10 * 2)
    assert np.array_equal(shown[:24:2, :20:2], batch.images[0])
    many = generator.generate("0-9", 1000, seed=6)
    assert Image.open(BytesIO(many._repr_png_() or b"")).size == (10 * 10 * 2, 10 * 12 * 2)
    assert batch[:0]._repr_png_() is None


def test_what_cannot_be_saved_is_refused(batch: Batch, tmp_path: Path) -> None:
    for name in ("a.jpg", "a", "png"):
        with pytest.raises(RequestError, match=r"use \.png or \.npz"):
            batch.save(tmp_path / name)
    with pytest.raises(RequestError):
        batch[:0].save(tmp_path / "a.png")
    with pytest.raises(OutputError):
        batch.save(tmp_path / "missing" / "a.png")
    assert list(tmp_path.iterdir()) == []

"""What a generator gives back, and where it finds its model."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scorp_runtime
from scorp_runtime import CountError, Generator, ModelError, RequestError
from scorp_runtime.sampling.request import read_request


def test_a_batch_is_its_images_labels_and_styles(generator: Generator) -> None:
    batch = generator.generate("0-9", 25, seed=6, start=3)
    assert (batch.images.shape, batch.images.dtype) == ((25, 12, 10), np.uint8)
    assert (batch.labels.shape, batch.labels.dtype) == ((25,), np.int64)
    assert (batch.styles.shape, batch.styles.dtype) == ((25, 3), np.float32)
    assert (batch.seed, batch.start, len(batch)) == (6, 3, 25)
    assert batch.images.std() > 20


def test_an_array_of_a_batch_is_its_images(generator: Generator) -> None:
    batch = generator.generate("0-9", seed=6)
    assert np.asarray(batch) is batch.images
    assert np.asarray(batch, np.float32).dtype == np.float32
    assert not np.shares_memory(np.array(batch), batch.images)


@pytest.mark.parametrize("labels", ["3", [3, 1, 4]])
def test_a_batch_that_is_written_over_changes_no_other(generator: Generator, labels: object) -> None:
    request = read_request(generator.classes, generator.knobs, labels, None, 6, 0, {})
    first = generator.draw(request, 0, request.count)
    images, shown = first.images.copy(), first.labels.tolist()
    first.images[:], first.labels[:], first.styles[:] = 0, 0, 0
    second = generator.draw(request, 0, request.count)
    assert second.labels.tolist() == shown
    assert np.array_equal(second.images, images)


def test_the_pictures_are_those_of_the_integer_arithmetic(generator: Generator, proto: Any) -> None:
    from onnx import numpy_helper

    weights = {
        tensor.name: numpy_helper.to_array(tensor).astype(np.int64) for tensor in proto.graph.initializer[:3]
    }
    batch = generator.generate(None, 100, seed=8)
    noise = scorp_runtime.sampling.philox.normals(8, scorp_runtime.sampling.philox.Purpose.NOISE, 0, 100, 9)
    total = (
        np.rint(noise * 16).astype(np.int64) @ weights["noise_weights"]
        + weights["class_weights"][batch.labels]
        + (batch.styles * 16).astype(np.int64) @ weights["style_weights"]
    )
    assert np.array_equal(batch.images.reshape(100, -1), np.clip(total >> 4, 0, 255))


def test_out_is_filled_and_returned(generator: Generator) -> None:
    canvas = np.zeros((3, 100, 12, 10), np.uint8)
    batch = generator.generate("0-9", 100, seed=1, out=canvas[1])
    assert np.shares_memory(batch.images, canvas)
    assert np.array_equal(canvas[1], generator.generate("0-9", 100, seed=1).images)
    assert not canvas[[0, 2]].any()
    strided = np.zeros((12, 10, 100), np.uint8).transpose(2, 0, 1)
    assert np.array_equal(generator.generate("0-9", 100, seed=1, out=strided).images, canvas[1])


@pytest.mark.parametrize(
    "out", [np.zeros((4, 12, 10), np.uint8), np.zeros((5, 10, 12), np.uint8), np.zeros((5, 12, 10)), [1]]
)
def test_an_out_that_does_not_fit_is_refused(generator: Generator, out: Any) -> None:
    with pytest.raises(RequestError, match=r"out must be a uint8 array of shape \(5, 12, 10\), not"):
        generator.generate(7, 5, out=out)


def test_a_read_only_out_is_refused(generator: Generator) -> None:
    out = np.zeros((5, 12, 10), np.uint8)
    out.flags.writeable = False
    with pytest.raises(RequestError, match="writeable"):
        generator.generate(7, 5, out=out)


def test_batches_are_refused_at_the_call_not_later(generator: Generator) -> None:
    with pytest.raises(CountError, match="batch_size"):
        generator.iter_batches(7, 10, batch_size=0)
    with pytest.raises(scorp_runtime.LabelError):
        generator.iter_batches("x", 10)
    with pytest.raises(scorp_runtime.StyleError, match="3 values, but the count is"):
        generator.iter_batches(7, slant=[1.0, 2.0, 3.0])


def test_batches_without_a_count_go_on_and_share_a_fresh_seed(generator: Generator) -> None:
    batches = generator.iter_batches("0-9", batch_size=30)
    first, second, third = (next(batches) for _ in range(3))
    assert first.seed == second.seed == third.seed
    assert (first.start, second.start, third.start) == (0, 30, 60)


def test_batches_of_listed_labels_end_with_the_list(generator: Generator) -> None:
    batches = list(generator.iter_batches([1, 2, 3, 4, 5], batch_size=2, seed=1))
    assert [batch.labels.tolist() for batch in batches] == [[1, 2], [3, 4], [5]]


def test_a_generator_tells_of_its_model(generator: Generator, tiny_path: Path) -> None:
    assert generator.classes == tuple("0123456789")
    assert [knob.name for knob in generator.knobs] == ["thickness", "slant", "width"]
    assert generator.image_shape == (12, 10)
    assert generator.info.version == "1.0.0"
    assert repr(generator) == f"<Generator tiny 1.0.0 of {tiny_path}>"


def test_a_missing_model_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot read model .*nowhere.onnx: No such file"):
        Generator(tmp_path / "nowhere.onnx")
    with pytest.raises(ModelError, match="not a file"):
        Generator(tmp_path)
    with pytest.raises(ModelError, match="not a file"):
        Generator("/dev/null")
    with pytest.raises(ModelError, match="no bundled model 'nobody'"):
        Generator("nobody")


def test_a_relative_path_means_the_folder_it_was_given_in(
    tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_path.parent)
    frozen = pickle.dumps(Generator("tiny.onnx"))
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(frozen).info.name == "tiny"


def test_a_pickle_names_the_model_and_holds_no_weights(generator: Generator) -> None:
    frozen = pickle.dumps(generator)
    assert len(frozen) < 1000
    again = pickle.loads(frozen)
    assert np.array_equal(again.generate("0-9", seed=1).images, generator.generate("0-9", seed=1).images)


def test_a_pickle_of_another_model_is_refused(proto: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    frozen = pickle.dumps(Generator(path))
    proto.producer_name = "someone else"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError, match="is another one than when the generator was pickled"):
        pickle.loads(frozen)
    path.unlink()
    with pytest.raises(ModelError, match="cannot read model"):
        pickle.loads(frozen)

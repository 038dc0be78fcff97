"""The virtual dataset returns every image once, for any reader and any split."""

import pickle
import sys
from typing import Any

import numpy as np
import pytest

from scorp_runtime import CountError, Counts, Effects, Generator, StyleError, Weights


@pytest.fixture(scope="module")
def dataset(generator: Generator) -> Any:
    return generator.dataset("0-9", 10**9, seed=5, start=7, slant="-10..5")


def test_items_are_the_images_that_generate_draws(generator: Generator, dataset: Any) -> None:
    assert len(dataset) == 10**9
    far = 987_654_321
    drawn = generator.generate("0-9", 3, seed=5, start=7 + far, slant="-10..5")
    images, labels = dataset[far : far + 3]
    assert np.array_equal(images, drawn.images)
    assert np.array_equal(labels, drawn.labels)
    for position in (far, far - 10**9, np.int64(far)):
        image, label = dataset[position]
        assert np.array_equal(image, drawn.images[0])
        assert label == drawn.labels[0]


LABELS: list[Any] = [
    None,
    "7",
    "0-9",
    list(range(10)) * 30,
    Weights({"3": 1, "5": 2}),
    Counts({"3": 100, "5": 200}),
]


@pytest.mark.parametrize("presentation", [None, Effects(breaks=1, size=17, shift=2, blur=1, noise=2)])
@pytest.mark.parametrize("labels", LABELS)
def test_scattered_positions_return_the_same_images(
    generator: Generator, labels: Any, presentation: Effects | None
) -> None:
    styles: dict[str, Any] = {"thickness": np.linspace(2, 5, 300), "slant": "-10..5"}
    start = 2**64 - 300
    dataset = generator.dataset(labels, 300, seed=5, start=start, effects=presentation, invert=True, **styles)
    images, values = dataset[:]
    places = np.random.default_rng(1).integers(-300, 300, 100)
    picked, picked_labels = dataset.take(places)
    assert np.array_equal(picked, images[places])
    assert np.array_equal(picked_labels, values[places])
    assert np.array_equal(dataset.take(range(-3, 3))[0], images[[-3, -2, -1, 0, 1, 2]])


def test_arrays_of_a_request_are_read_only(generator: Generator) -> None:
    """Requests for the same classes share their array."""
    for labels in LABELS[1:]:
        request = generator.dataset(labels, 300, thickness=[3] * 300).request
        fields = [getattr(request.labels, name) for name in request.labels.__dataclass_fields__]
        arrays = [field for field in (*fields, *request.styles.values()) if isinstance(field, np.ndarray)]
        assert len(arrays) >= 2
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 5
    assert generator.generate("0-9").labels.tolist() == list(range(10))


def test_meta_has_label_style_and_address(generator: Generator, dataset: Any) -> None:
    meta = dataset.meta(20)
    drawn = generator.generate("0-9", 1, seed=5, start=27, slant="-10..5")
    assert (meta.seed, meta.index, meta.label, meta.class_name) == (5, 27, 7, "7")
    assert list(meta.styles) == ["thickness", "slant", "width"]
    assert list(meta.styles.values()) == drawn.styles[0].tolist()
    again = generator.generate(meta.label, seed=meta.seed, start=meta.index, **meta.styles)
    assert np.array_equal(again.images[0], dataset[20][0])


EFFECTS = Effects(breaks=1, size=20, shift=1, blur=1, background=9, noise=2)


def test_effects_are_the_same_in_memory_and_in_files(
    generator: Generator, scorp_gen: Any, tmp_path: Any
) -> None:
    dataset = generator.dataset("0-9", 300, seed=5, start=7, writer=12, effects=EFFECTS, invert=True)
    words = ["0-9", "a.npy", "-n", 300, "--seed", 5, "--start", 7, "--writer", 12, "--invert"]
    words += ["--breaks", 1, "--size", 20, "--shift", 1, "--blur", 1, "--background", 9, "--noise", 2]
    assert scorp_gen(*words).returncode == 0
    images = np.load(tmp_path / "a.npy")
    assert images.shape[1:] == dataset.image_shape == (20, 16)
    assert np.array_equal(dataset[:][0], images)
    assert np.array_equal(dataset[299][0], images[299])
    assert np.array_equal(dataset.take([5, 6, 3, 290])[0], images[[5, 6, 3, 290]])
    assert np.array_equal(np.stack([image for image, _ in dataset]), images)
    second = np.concatenate([images for images, _ in dataset.batches(8, shard=(1, 2))])
    assert np.array_equal(second[8:16], images[24:32])
    assert np.array_equal(pickle.loads(pickle.dumps(dataset))[3][0], images[3])
    rows = list(dataset.hf(shards=3))
    assert np.array_equal(np.stack([np.asarray(row["image"]) for row in rows]), images)
    assert {row["writer"] for row in rows} == {12}


def test_wrong_positions_and_requests_are_refused(generator: Generator, dataset: Any) -> None:
    for position in (10**9, -(10**9) - 1):
        with pytest.raises(IndexError, match="1000000000"):
            dataset[position]
    with pytest.raises(TypeError):
        dataset["7"]
    with pytest.raises(CountError, match="at most"):
        generator.dataset("0-9", sys.maxsize + 1)
    with pytest.raises(StyleError):
        generator.dataset("0-9", 10, colour=3)


def test_hugging_face_rows_have_image_label_and_address(generator: Generator) -> None:
    dataset = generator.dataset("0-9", 50, seed=2**64 - 1, start=5)
    streamed = dataset.hf(shards=4)
    assert streamed.features["label"].names == list("0123456789")
    assert "writer" not in streamed.features  # there is none
    halves = [list(streamed.shard(num_shards=2, index=half)) for half in range(2)]
    rows = sorted([*halves[0], *halves[1]], key=lambda row: row["index"])
    assert [row["index"] for row in rows] == list(range(5, 55))
    for place, row in enumerate(rows):
        image, label = dataset[place]
        assert np.array_equal(np.asarray(row["image"]), image)
        assert (row["label"], row["seed"]) == (label, 2**64 - 1)
        assert row["thickness"] == dataset.meta(place).styles["thickness"]


def test_tensorflow_elements_are_the_images(generator: Generator) -> None:
    pytest.importorskip(
        "tensorflow", reason=".tf() IS NOT TESTED HERE: pip install tensorflow-cpu (300 MB) does it"
    )
    dataset = generator.dataset("0-9", 50, seed=2, effects=EFFECTS)
    elements = list(dataset.tf(batch_size=16).as_numpy_iterator())
    assert np.array_equal(np.stack([image for image, _ in elements]), dataset[:][0])
    assert [label for _, label in elements] == dataset[:][1].tolist()

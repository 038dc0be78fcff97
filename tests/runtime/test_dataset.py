"""The virtual dataset returns every image once, for any reader and any split."""

import pickle
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from scorp_runtime import CountError, Counts, Dataset, Effects, Generator, StyleError, Weights


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


@pytest.mark.parametrize("labels", LABELS)
def test_changing_arrays_changes_no_other_image(generator: Generator, labels: Any) -> None:
    dataset = generator.dataset(labels, 300, seed=5)
    images, values = dataset[:]
    before = images.copy(), values.copy()
    images[:], values[:] = 0, 0
    assert all(map(np.array_equal, dataset[:], before))
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


@pytest.mark.parametrize(
    "options", [{}, {"writer": 12, "effects": EFFECTS, "invert": True}], ids=["plain", "effects"]
)
@pytest.mark.parametrize("adapted", [False, True])
def test_any_number_of_workers_returns_the_same_batches(
    generator: Generator, adapted: bool, options: dict[str, Any]
) -> None:
    dataset = generator.dataset("0-9", 210, seed=1, **options)
    images, labels = map(torch.from_numpy, dataset[:])
    expected = images[:, None].float() / 255 if adapted else images
    for workers in (0, 1, 2):
        loader = DataLoader(dataset.torch() if adapted else dataset, batch_size=32, num_workers=workers)
        batches = list(loader)
        assert torch.equal(torch.cat([batch for batch, _ in batches]), expected)
        assert torch.equal(torch.cat([batch for _, batch in batches]), labels)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_workers_of_a_loader_share_hugging_face_rows(generator: Generator, workers: int) -> None:
    rows = generator.dataset("0-9", 50, seed=1).hf(shards=4).select_columns(["index"])
    indices = torch.cat([batch["index"] for batch in DataLoader(rows, batch_size=8, num_workers=workers)])
    assert sorted(indices.tolist()) == list(range(50))


def test_tensorflow_elements_are_the_images(generator: Generator) -> None:
    pytest.importorskip(
        "tensorflow", reason=".tf() IS NOT TESTED HERE: pip install tensorflow-cpu (300 MB) does it"
    )
    dataset = generator.dataset("0-9", 50, seed=2, effects=EFFECTS)
    elements = list(dataset.tf(batch_size=16).as_numpy_iterator())
    assert np.array_equal(np.stack([image for image, _ in elements]), dataset[:][0])
    assert [label for _, label in elements] == dataset[:][1].tolist()


ADDRESSES = st.integers(0, 2**64 - 1)
FREE: st.SearchStrategy[Any] = st.sampled_from(["0-9", "7", "1,3,5-7", None, Weights({"3": 1, 8: 0.5})])
"""Labels that depend only on the index, so that a later start continues an earlier dataset."""
STYLES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"slant": "-10..10"}, {"thickness": 3.0, "writer": 5}]
)
LENGTH = 40


@st.composite
def datasets(draw: st.DrawFn, generator: Generator, labels: Any) -> Dataset:
    presentation = draw(st.none() | st.just(Effects(breaks=1, size=20, shift=1, noise=1)))
    seed, start = draw(ADDRESSES), draw(st.integers(0, 2**64 - LENGTH))
    length = LENGTH if not isinstance(labels, Counts | list) else None
    styles, invert = draw(STYLES), draw(st.booleans())
    return generator.dataset(
        labels, length, seed=seed, start=start, effects=presentation, invert=invert, **styles
    )


@settings(deadline=None)
@given(
    data=st.data(),
    labels=FREE | st.sampled_from([Counts({"1": 30, "2": 7, "9": 3}), [3, "4"] * 20]),
    cut=st.slices(LENGTH),
)
def test_a_slice_selects_what_numpy_selects(
    generator: Generator, data: st.DataObject, labels: Any, cut: slice
) -> None:
    dataset = data.draw(datasets(generator, labels))
    for part, whole in zip(dataset[cut], dataset[:], strict=True):
        assert np.array_equal(part, whole[cut])


@settings(deadline=None)
@given(
    seed=ADDRESSES,
    start=st.integers(0, 2**64 - LENGTH),
    cut=st.integers(0, LENGTH),
    labels=FREE,
    styles=STYLES,
)
def test_a_dataset_continues_where_another_ends(
    generator: Generator, seed: int, start: int, cut: int, labels: Any, styles: dict[str, Any]
) -> None:
    whole = generator.dataset(labels, LENGTH, seed=seed, start=start, **styles)
    front = generator.dataset(labels, cut, seed=seed, start=start, **styles)
    back = generator.dataset(labels, LENGTH - cut, seed=seed, start=min(start + cut, 2**64 - 1), **styles)
    for first, second, both in zip(front[:], back[:], whole[:], strict=True):
        assert np.array_equal(np.concatenate([first, second]), both)


@settings(deadline=None)
@given(
    data=st.data(),
    labels=FREE,
    size=st.integers(1, 9),
    steps=st.integers(0, 4),
    worlds=st.tuples(*[st.integers(1, 4)] * 2),
)
def test_another_number_of_ranks_can_resume(
    generator: Generator, data: st.DataObject, labels: Any, size: int, steps: int, worlds: tuple[int, int]
) -> None:
    dataset = data.draw(datasets(generator, labels))
    before, after = worlds
    seen: list[Any] = []
    for rank in range(before):
        batches = dataset.batches(size, shard=(rank, before))
        seen += [batch for _, batch in zip(range(steps), batches, strict=False)]
    stopped = min(steps * before * size, LENGTH)
    for rank in range(after):
        seen += dataset.batches(size, shard=(rank, after), start=stopped)
    found = [(bytes(image), label) for batch in seen for image, label in zip(*batch, strict=True)]
    assert sorted(found) == sorted((bytes(image), label) for image, label in dataset)

"""A batch as a sequence, an array, a file and a picture in a notebook."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Batch, Generator, OutputError, RequestError


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


def test_an_archive_has_the_arrays_of_the_command_line(batch: Batch, made: Any, tmp_path: Path) -> None:
    batch.save(tmp_path / "a.NPZ")
    made("0-9", "b.npz", "-n", 25, "--seed", 6, "--start", 3)
    with np.load(tmp_path / "a.NPZ") as saved, np.load(tmp_path / "b.npz") as written:
        assert sorted(saved) == sorted(written)
        for name in saved:
            assert saved[name].dtype == written[name].dtype
            assert np.array_equal(saved[name], written[name])


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

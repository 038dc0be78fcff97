"""Pictures come from a model, a folder or an `.npz`; whatever does not fit is refused in one line."""

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_runtime.errors import ModelError
from scorp_train.data import DataError
from scorp_train.evaluation.sources import read_source

DIGITS = tuple("0123456789")


@pytest.fixture
def read(tiny_plan):
    def reader(source, count=150, seed=0, invert=False):
        return read_source(str(source), DIGITS, tiny_plan, count, seed, invert)

    return reader


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_an_npz_keeps_pictures_and_labels_together(read, tmp_path, held_out):
    images, labels = held_out
    pictures = read(save(tmp_path / "other.npz", images=images, labels=labels.astype(np.uint8)))
    assert pictures.name == "other"
    assert len(pictures.images) == 150
    assert len(pictures.further_images) == 400
    places = [
        next(i for i in range(400) if np.array_equal(images[i], image)) for image in pictures.images[:20]
    ]
    assert labels[places].tolist() == pictures.labels[:20].tolist()


def test_labels_may_be_missing_and_originals_may_be_there(read, tmp_path, held_out):
    pictures = read(save(tmp_path / "a.npz", images=held_out[0], originals=held_out[0] // 2))
    assert pictures.labels is None
    np.testing.assert_array_equal(pictures.originals, pictures.images // 2)


def test_a_folder_of_class_folders_has_labels(read, tmp_path, held_out):
    for number in range(120):
        folder = tmp_path / "made" / str(held_out[1][number])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(held_out[0][number]).save(folder / f"{number}.png")
    pictures = read(tmp_path / "made", count=1000)
    assert pictures.name == "made"
    assert np.bincount(pictures.labels).tolist() == [12] * 10
    first = np.flatnonzero(pictures.labels == 0)[0]
    assert any(np.array_equal(pictures.images[first], image) for image in held_out[0][:120])


def test_a_folder_of_pictures_alone_has_none(read, tmp_path, held_out):
    for number in range(110):
        Image.fromarray(held_out[0][number]).save(tmp_path / f"{number}.png")
    assert read(tmp_path).labels is None


def test_bright_paper_must_be_inverted_and_is(read, tmp_path, held_out):
    path = save(tmp_path / "bright.npz", images=255 - held_out[0])
    with pytest.raises(DataError, match="--invert"):
        read(path)
    assert read(path, invert=True).images.mean() < 127


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": np.zeros(3)}, "no array `images`"),
        ({"images": np.zeros((200, 28, 28))}, "float64"),
        ({"images": np.zeros((200, 32, 32), np.uint8)}, "32, 32"),
        ({"images": np.zeros((20, 28, 28), np.uint8)}, "at least 100"),
        ({"images": np.zeros((200, 28, 28), np.uint8), "labels": np.zeros(199, int)}, "one integer for each"),
        ({"images": np.zeros((200, 28, 28), np.uint8), "labels": np.full(200, 10)}, "10 to 10"),
        ({"images": np.array([None] * 200)}, "cannot read"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(read, tmp_path, arrays, message):
    with pytest.raises(DataError, match=message) as caught:
        read(save(tmp_path / "wrong.npz", **arrays))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_archive_is_refused(read, tmp_path):
    path = tmp_path / "not.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="cannot read"):
        read(path)


@pytest.mark.parametrize("content", [b"no picture", None])
def test_a_folder_with_something_else_is_refused(read, tmp_path, content):
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match="no picture"):
        read(tmp_path)


def test_a_picture_of_another_size_is_named(read, tmp_path):
    Image.new("L", (32, 30)).save(tmp_path / "large.png")
    with pytest.raises(DataError, match=r"large\.png is 32 x 30"):
        read(tmp_path)


def test_a_model_draws_its_classes_in_even_shares(read):
    pictures = read("digits")
    assert np.bincount(pictures.labels).tolist() == [15] * 10
    assert pictures.asked.tolist() == [15] * 10
    expected = Generator("digits").generate(np.arange(150) % 10, seed=0)
    np.testing.assert_array_equal(pictures.images, expected.images)
    assert not np.array_equal(pictures.further_images[:150], pictures.images)


def test_a_model_that_is_not_there_is_a_model_error(read):
    with pytest.raises(ModelError):
        read("no-such-model")

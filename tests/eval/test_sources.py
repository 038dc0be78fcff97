"""Images are read from a model, a folder or an `.npz`; others are refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_runtime.cli.main import main as scorp_gen
from scorp_runtime.errors import ModelError
from scorp_train.data import DataError
from scorp_train.evaluation import sources
from scorp_train.evaluation.sources import read_source

DIGITS = tuple("0123456789")


@pytest.fixture
def read(tiny_sizes):
    def reader(source, count=150, seed=0, invert=False):
        return read_source(str(source), DIGITS, tiny_sizes, count, seed, invert)

    return reader


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_an_npz_keeps_images_and_labels_together(read, tmp_path, held_out):
    images, labels = held_out
    source = read(save(tmp_path / "other.npz", images=images, labels=labels.astype(np.uint8)))
    assert source.name == "other"
    assert len(source.images) == 150
    assert len(source.training_images) == 400
    places = [next(i for i in range(400) if np.array_equal(images[i], image)) for image in source.images[:20]]
    assert labels[places].tolist() == source.labels[:20].tolist()


def test_labels_and_originals_are_optional(read, tmp_path, held_out):
    source = read(save(tmp_path / "a.npz", images=held_out[0], originals=held_out[0] // 2))
    assert source.labels is None
    np.testing.assert_array_equal(source.originals, source.images // 2)


def test_a_folder_of_class_folders_has_labels(read, tmp_path, held_out):
    for number in range(120):
        folder = tmp_path / "made" / str(held_out[1][number])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(held_out[0][number]).save(folder / f"{number}.png")
    source = read(tmp_path / "made", count=1000)
    assert source.name == "made"
    assert np.bincount(source.labels).tolist() == [12] * 10
    first = np.flatnonzero(source.labels == 0)[0]
    assert any(np.array_equal(source.images[first], image) for image in held_out[0][:120])


def test_a_folder_without_class_folders_has_no_labels(read, tmp_path, held_out):
    for number in range(110):
        Image.fromarray(held_out[0][number]).save(tmp_path / f"{number}.png")
    assert read(tmp_path).labels is None


def test_bright_paper_needs_invert(read, tmp_path, held_out):
    path = save(tmp_path / "bright.npz", images=255 - held_out[0])
    with pytest.raises(DataError, match="--invert"):
        read(path)
    assert read(path, invert=True).images.mean() < 127


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": np.zeros(3)}, "no array `images`"),
        ({"images": np.full((200, 28, 28), np.nan)}, "finite"),
        ({"images": np.full((200, 28, 28), -9.0)}, "down to -9"),
        ({"images": np.zeros((200, 28, 28), complex)}, "complex128"),
        ({"images": np.zeros((200, 32, 32), np.uint8)}, "32, 32"),
        ({"images": np.zeros((20, 28, 28), np.uint8)}, "at least 100"),
        ({"images": np.zeros((200, 28, 28), np.uint8), "labels": np.zeros(199, int)}, "one integer for each"),
        ({"images": np.zeros((200, 28, 28), np.uint8), "labels": np.full(200, 10)}, "10 to 10"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(read, tmp_path, arrays, message):
    with pytest.raises(DataError, match=message) as caught:
        read(save(tmp_path / "wrong.npz", **arrays))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_an_archive_is_refused(read, tmp_path):
    path = tmp_path / "not.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="cannot read"):
        read(path)


def test_pickled_code_is_not_executed(read, tmp_path):
    with pytest.raises(DataError, match="cannot read"):
        read(save(tmp_path / "hostile.npz", images=np.array([Path()] * 200)))


def test_an_archive_that_unzips_to_more_than_memory_is_refused(read, tmp_path, held_out, monkeypatch):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((1000, 28, 28), np.uint8))
    monkeypatch.setattr(sources, "LARGEST", 700_000)
    with pytest.raises(DataError, match="has more than 700000 bytes"):
        read(path)


def test_an_empty_folder_is_refused(read, tmp_path):
    with pytest.raises(DataError, match=str(tmp_path)):
        read(tmp_path)


def test_an_image_of_another_size_is_named(read, tmp_path):
    Image.new("L", (32, 30)).save(tmp_path / "large.png")
    with pytest.raises(DataError, match=r"large\.png \(32 x 30"):
        read(tmp_path)


def test_a_model_draws_its_classes_equally_often(read):
    source = read("digits")
    assert np.bincount(source.labels).tolist() == [15] * 10
    assert source.requested.tolist() == [15] * 10
    expected = Generator("digits").generate(np.arange(150) % 10, seed=0)
    np.testing.assert_array_equal(source.images, expected.images)
    assert not np.array_equal(source.training_images[:150], source.images)


def test_the_name_of_a_bundled_model_is_not_a_folder(read, tmp_path, held_out, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    for number in range(100):
        Image.fromarray(held_out[0][number]).save(tmp_path / "digits" / f"{number}.png")
    assert read("digits").generator is not None
    assert read("./digits").generator is None


def test_the_files_of_scorp_gen_are_not_reported(read, tmp_path):
    assert scorp_gen(["all", f"{tmp_path}/drawn/", "--count", "120", "--seed", "1"]) == 0
    assert read(tmp_path / "drawn").notes == ()


def test_an_unknown_model_is_a_model_error(read):
    with pytest.raises(ModelError):
        read("no-such-model")

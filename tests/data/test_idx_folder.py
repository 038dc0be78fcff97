"""A directory of IDX files is a dataset; a missing or damaged file is one line that names it."""

import numpy as np
import pytest

from scorp_train.data import DataError, load_dataset
from scorp_train.data.idx_folder import FILES


@pytest.fixture
def make(tmp_path, write_idx):
    """Return a function that writes four IDX files with images of noise."""

    def write(folder=tmp_path, images=6, labels=6, side=28, zipped=False):
        noise = np.random.default_rng(0).integers(0, 256, (2, images, side, side), np.uint8)
        numbers = np.arange(labels) % 4
        return write_idx(folder, noise[0], numbers, noise[1], numbers, zipped=zipped)

    return write


@pytest.mark.parametrize("zipped", [False, True])
def test_a_directory_is_a_dataset(make, zipped):
    folder = make(zipped=zipped)
    dataset = load_dataset(folder)
    assert dataset.name == folder.name
    assert dataset.classes == ("0", "1", "2", "3")
    assert dataset.train.images.shape == (6, 28, 28)
    assert dataset.train.labels.tolist() == [0, 1, 2, 3, 0, 1]
    assert dataset.train.labels.dtype == np.int64
    assert set(dataset.sha256) == set(FILES)


def test_checksums_are_of_the_unzipped_content(tmp_path, make):
    plain, zipped = make(tmp_path / "plain"), make(tmp_path / "zipped", zipped=True)
    assert load_dataset(plain).sha256 == load_dataset(zipped).sha256


def test_a_missing_file_is_named(make):
    folder = make()
    (folder / FILES[2]).unlink()
    with pytest.raises(DataError, match=FILES[2]) as caught:
        load_dataset(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"labels": 5}, "6 images"), ({"side": 32}, "32"), ({"images": 0, "labels": 0}, "empty")],
)
def test_files_that_do_not_fit_each_other_are_refused(make, wrong, message):
    with pytest.raises(DataError, match=message):
        load_dataset(make(**wrong))


@pytest.mark.parametrize(
    ("name", "text", "classes"),
    [
        ("classes.txt", "alpha\nbeta\ngamma\nδ\n", ("alpha", "beta", "gamma", "δ")),
        ("classes.txt", "A\N{COMBINING DIAERESIS}\nB\nC\nD\n", ("Ä", "B", "C", "D")),
        ("mapping.txt", "0 65\n1 66\n2 97\n3 98\n", ("A", "B", "a", "b")),
    ],
)
def test_files_name_the_classes(make, name, text, classes):
    folder = make()
    (folder / name).write_text(text, encoding="utf-8")
    assert load_dataset(folder).classes == classes


@pytest.mark.parametrize(
    ("text", "named"),
    [("a\nb\nc\n", "label 3"), ("a\nb\nc\na\n", "two classes"), ("a b\nc\nd\ne", "'a b'"), ("", "no")],
)
def test_names_that_do_not_fit_are_refused(make, text, named):
    folder = make()
    (folder / "classes.txt").write_text(text)
    with pytest.raises(DataError, match=named) as caught:
        load_dataset(folder)
    assert str(folder) in str(caught.value)


def test_test_images_are_held_out_if_there_are_none(make):
    folder = make(images=48, labels=48)
    for name in FILES[2:]:
        (folder / name).unlink()
    dataset = load_dataset(folder)
    assert (len(dataset.train), len(dataset.test)) == (40, 8)
    assert np.bincount(dataset.test.labels).tolist() == [2, 2, 2, 2]

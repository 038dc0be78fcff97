"""A directory of four IDX files is a data set; a missing or damaged file is one line that says where and what to do."""

import gzip

import numpy as np
import pytest

from scorp_train.data import DataError, load_dataset
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES


def write_files(directory, images=6, labels=6, side=28, zipped=False, highest=3):
    """Four IDX files with pictures of noise."""
    random = np.random.default_rng(0)
    for name in FILES:
        if "images" in name:
            array = random.integers(0, 256, (images, side, side), np.uint8)
        else:
            array = np.arange(labels, dtype=np.uint8) % (highest + 1)
        data = format_idx(array)
        path = directory / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(data) if zipped else data)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_directory_is_a_data_set(tmp_path, zipped):
    write_files(tmp_path, zipped=zipped)
    dataset = load_dataset(tmp_path)
    assert dataset.name == tmp_path.name
    assert dataset.classes == ("0", "1", "2", "3")
    assert dataset.train.images.shape == (6, 28, 28)
    assert dataset.train.labels.tolist() == [0, 1, 2, 3, 0, 1]
    assert dataset.train.labels.dtype == np.int64
    assert set(dataset.sha256) == set(FILES)


def test_zipped_or_not_the_checksums_are_of_the_content(tmp_path):
    for kind in ("plain", "zipped"):
        (tmp_path / kind).mkdir()
        write_files(tmp_path / kind, zipped=kind == "zipped")
    assert load_dataset(tmp_path / "plain").sha256 == load_dataset(tmp_path / "zipped").sha256


def test_a_missing_file_is_named(tmp_path):
    write_files(tmp_path)
    (tmp_path / FILES[2]).unlink()
    with pytest.raises(DataError, match=FILES[2]) as caught:
        load_dataset(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"labels": 5}, "6 pictures"),
        ({"side": 32}, "32"),
        ({"images": 0, "labels": 0}, "empty"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(tmp_path, wrong, message):
    write_files(tmp_path, **wrong)
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path)


def test_a_name_that_nobody_registered_lists_those_there_are():
    with pytest.raises(DataError, match="mnist"):
        load_dataset("no-such-data-set")


def test_the_classes_of_idx_files_have_names_of_ones_own(tmp_path):
    write_files(tmp_path)
    (tmp_path / "classes.txt").write_text("alpha\nbeta\ngamma\nδ\n", encoding="utf-8")
    assert load_dataset(tmp_path).classes == ("alpha", "beta", "gamma", "δ")


def test_a_mapping_file_names_them_by_the_code_of_a_character(tmp_path):
    write_files(tmp_path)
    (tmp_path / "mapping.txt").write_text("0 65\n1 66\n2 97\n3 98\n")
    assert load_dataset(tmp_path).classes == ("A", "B", "a", "b")


@pytest.mark.parametrize(
    ("text", "named"),
    [("a\nb\nc\n", "label 3"), ("a\nb\nc\na\n", "two classes"), ("a b\nc\nd\ne", "'a b'"), ("", "no")],
)
def test_names_that_do_not_fit_are_refused(tmp_path, text, named):
    write_files(tmp_path)
    (tmp_path / "classes.txt").write_text(text)
    with pytest.raises(DataError, match=named) as caught:
        load_dataset(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_one_pair_of_files_is_enough(tmp_path):
    write_files(tmp_path, images=48, labels=48)
    for name in FILES[2:]:
        (tmp_path / name).unlink()
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (40, 8)
    assert np.bincount(dataset.test.labels).tolist() == [2, 2, 2, 2]

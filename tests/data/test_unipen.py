"""UNIPEN: characters drawn from pen strokes, with their size and place on the line, split by writer."""

import hashlib

import numpy as np
import pytest

from scorp_train.data import DataError, load_dataset, unipen
from scorp_train.data.cache import data_directory as find_directory
from scorp_train.data.pen_characters import pack_characters

# Strokes in the steps of a tablet on which capitals are 20 high, x to the right and y down.
SHAPES = {
    "L": [[[0, 0], [0, 20], [10, 20]]],
    "x": [[[0, 0], [12, 12]], [[12, 0], [0, 12]]],
    "y": [[[0, 0], [6, 8]], [[12, 0], [4, 24]]],
    ".": [[[5, 5]]],
    "-": [[[0, 0], [8, 0]]],
}
WRITERS = [f"{contributor}/{number}" for contributor in ("apa", "kai") for number in range(12)]


@pytest.fixture(scope="module")
def characters():
    """Every writer writes every shape three times, in a size of his own."""
    strokes, labels, writers = [], [], []
    for number, writer in enumerate(WRITERS):
        for name in 3 * list(SHAPES):
            strokes.append([np.array(stroke) * (1.0 + number) for stroke in SHAPES[name]])
            labels.append(name)
            writers.append(writer)
    return pack_characters(strokes, labels, writers)


@pytest.fixture(scope="module")
def dataset(characters):
    return unipen.to_dataset(characters, {"unipen.npz": "0"})


@pytest.fixture
def packed(characters, data_directory, monkeypatch):
    """The packed file in the data directory, with its checksum."""
    names, writer = np.unique(characters.writers, return_inverse=True)
    path = data_directory / "unipen" / "unipen.npz"
    path.parent.mkdir(parents=True)
    np.savez_compressed(
        path,
        points=characters.points,
        stroke_start=characters.stroke_starts,
        char_start=characters.character_starts,
        label=characters.labels,
        writer=writer,
        writer_names=names,
        size=characters.sizes,
    )
    monkeypatch.setattr(unipen, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_a_writer_is_in_one_split(dataset):
    assert dataset.classes == tuple(sorted(SHAPES))
    train, test = set(dataset.train.writers), set(dataset.test.writers)
    assert (len(train), len(test)) == (20, 4)
    assert not train & test


def test_attributes_say_what_the_form_loses(dataset):
    split = dataset.train

    def values(name, attribute):
        return split.attributes[attribute][split.labels == dataset.classes.index(name)]

    assert values("L", "extent") == pytest.approx(1, abs=0.02)
    assert values("x", "extent") == pytest.approx(0.64, abs=0.03)
    assert (values(".", "extent") < 0.2).all()
    assert values("L", "rise") == pytest.approx(0)
    assert values("-", "rise") == pytest.approx(0.34, abs=0.04)
    assert (values("y", "rise") < -0.5).all()


def test_the_pen_is_in_proportion_to_the_capitals(dataset):
    ink = {
        name: (dataset.train.images[dataset.train.labels == label] > 127).sum((1, 2)).mean()
        for label, name in enumerate(dataset.classes)
    }
    assert ink["."] == pytest.approx(np.pi * 10**2, rel=0.05)  # a full stop is a disc
    assert ink["-"] > 1.5 * ink["L"] / 2  # a thicker pen than that of a capital


def test_images_depend_on_neither_the_unit_nor_the_other_writers(dataset, characters):
    few = np.isin(characters.writers, WRITERS[:3])
    some = unipen.draw_characters(characters.take(few), dataset.classes)
    again = np.concatenate([dataset.train.images[dataset.train.writers == name] for name in WRITERS[:3]])
    assert np.abs(some.images.astype(int) - again).max() <= 8


def test_weights_balance_classes(dataset):
    of_class = np.bincount(dataset.train.labels, dataset.train.weights)
    assert of_class == pytest.approx(of_class[0])
    assert dataset.train.weights.mean() == pytest.approx(1)


def test_the_packed_file_is_found_and_checked(packed, dataset):
    found = load_dataset("unipen")
    assert (found.train.images == dataset.train.images).all()
    assert "CC BY 4.0" in found.licence
    assert "zenodo" in found.sources["UNIPEN train_r01_v07"]
    assert found.sha256 == {"unipen.npz": unipen.SHA256}
    assert (load_dataset(packed.parent).test.images == dataset.test.images).all()
    packed.write_bytes(packed.read_bytes() + b"x")
    with pytest.raises(DataError, match="SHA-256"):
        load_dataset("unipen")


def test_rejected_characters_are_left_out(characters, monkeypatch, tmp_path):
    rejected = np.sort(characters.keys()[[0, 6]])
    (tmp_path / "unipen_rejected.bin").write_bytes(rejected.astype("<u4").tobytes())
    monkeypatch.setattr(unipen, "files", lambda package: tmp_path)
    kept = unipen.accepted(characters)
    assert not np.isin(kept.keys(), rejected).any()
    assert len(kept) < len(characters)


def test_a_missing_file_is_one_line(data_directory):
    with pytest.raises(DataError, match=r"unipen\.npz") as caught:
        load_dataset("unipen")
    assert str(data_directory) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_real_characters():
    path = find_directory("unipen") / "unipen.npz"
    if not path.is_file():
        pytest.skip("UNIPEN is not on this machine")
    every = unipen.read_packed(path)
    characters = unipen.accepted(every)
    classes = np.unique(characters.labels)
    assert "".join(classes) == "".join(map(chr, range(33, 127))).replace("\\", "")
    assert (len(every), len(characters)) == (81_160, 76_720)
    one = characters.take(characters.writers == "syn/cam")
    split = unipen.draw_characters(one, tuple(classes.tolist()))
    assert split.images[:, 14, :].any()
    capitals = np.char.isupper(one.labels)
    assert np.median(split.attributes["extent"][capitals]) == pytest.approx(1, abs=0.1)

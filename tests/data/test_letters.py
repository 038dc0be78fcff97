"""Digits and capitals in one data set: nobody is on both sides, and no class or collection crowds out the others."""

import numpy as np
import pytest

from scorp_train.data import DataError, Dataset, Split, letters, load_dataset
from scorp_train.data.letters import CHARS74K, EMNIST, NIST, SSE, Capitals, with_digits
from scorp_train.data.mnist import find_mnist


@pytest.fixture
def digits():
    labels = np.arange(2000) % 10
    split = Split(np.zeros((2000, 28, 28), np.uint8), labels)
    return Dataset("mnist", tuple("0123456789"), split, split, "CC BY-SA 3.0", {"train": "0"})


@pytest.fixture
def capitals():
    """Every picture has its own number in its first two pixels; SSE has no letter after M."""
    of_each = {EMNIST: (13, 40), NIST: (26, 60), SSE: (13, 24), CHARS74K: (26, 12)}
    parts = [
        (source, letter, n)
        for source, (last, many) in of_each.items()
        for letter in range(last)
        for n in range(many)
    ]
    source, labels, number = (np.array(column) for column in zip(*parts, strict=True))
    images = np.zeros((len(parts), 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(len(parts)), 256)
    writer = np.where(np.isin(source, (SSE, CHARS74K)), 1000 * source + number, -1)
    return Capitals(images, labels, source, writer)


def places(split):
    """The numbers of the capitals in a split."""
    mine = split.images[split.labels >= 10].astype(int)
    return mine[:, 0, 0] * 256 + mine[:, 0, 1]


def test_nobody_who_is_known_is_on_both_sides(digits, capitals):
    dataset = with_digits(capitals, digits, {"letters.npz": "1"})
    train, test = places(dataset.train), places(dataset.test)
    assert sorted([*train, *test]) == list(range(len(capitals.labels)))
    known = capitals.writer >= 0
    writers = [set(capitals.writer[side[known[side]]]) for side in (train, test)]
    assert all(writers)
    assert not writers[0] & writers[1]
    assert EMNIST not in capitals.source[test]


def test_the_test_split_has_every_class_and_says_where_from(digits, capitals):
    test = with_digits(capitals, digits, {}).test
    assert np.unique(test.labels).tolist() == list(range(36))
    assert (np.bincount(test.labels)[:10] == 100).all()
    assert set(test.origins) == {"MNIST", "NIST SD19", "SSE-letters", "Chars74K"}
    assert (test.origins[test.labels < 10] == "MNIST").all()


def test_weights_even_out_classes_and_temper_collections(digits, capitals):
    dataset = with_digits(capitals, digits, {})
    weights, labels = dataset.train.weights, dataset.train.labels
    of_class = np.bincount(labels, weights)
    assert of_class[10:] == pytest.approx(of_class[35])
    assert of_class[:10] == pytest.approx(4 * of_class[35])
    # Z has 50 of NIST SD19 and 10 of Chars74K: their shares go with the square roots.
    mine = labels == 35
    share = weights[mine][capitals.source[places(dataset.train)][labels[labels >= 10] == 35] == NIST].sum()
    assert share / weights[mine].sum() == pytest.approx(50**0.5 / (50**0.5 + 10**0.5))


def test_its_sources_and_terms_are_told(digits, capitals):
    dataset = with_digits(capitals, digits, {"letters.npz": "1"})
    assert dataset.classes == (*"0123456789", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert set(dataset.sha256) == {"train", "letters.npz"}
    assert "MIT" in dataset.sources["SSE-letters"]


@pytest.mark.fault("`--data letters`", "no `letters.npz` on the machine", "exit 1: what to do")
def test_without_the_file_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(letters, "beside_checkout", lambda name: iter(()))
    with pytest.raises(DataError, match=r"letters\.npz") as caught:
        load_dataset("letters")
    assert "\n" not in str(caught.value)


@pytest.mark.fault("`--data letters`", "another file of that name", "exit 1: SHA-256 is …, not …")
def test_another_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "letters.npz").write_bytes(b"something else")
    with pytest.raises(DataError, match="SHA-256"):
        load_dataset(tmp_path)


def test_the_real_letters_where_they_are_at_hand():
    if letters.find_letters() is None or find_mnist() is None:
        pytest.skip("the letters are not on this machine")
    dataset = load_dataset("letters")
    assert len(dataset.classes) == 36
    assert (len(dataset.train), len(dataset.test)) == (72_690, 2_298)
    assert np.bincount(dataset.train.labels).min() >= 120
    assert np.bincount(dataset.test.labels).min() >= 25

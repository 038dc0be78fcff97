"""Digits and capitals in one dataset: known writers are in one split only, classes and collections are balanced."""

import numpy as np
import pytest

from scorp_train.data import DataError, Dataset, Split, letters, load_dataset
from scorp_train.data.letters import CHARS74K, EMNIST, NIST, SSE, Capitals, with_digits
from scorp_train.data.mnist import find_mnist


@pytest.fixture(scope="module")
def capitals():
    """Every image has its own number in its first two pixels; SSE has no letter after M."""
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


@pytest.fixture(scope="module")
def dataset(capitals):
    split = Split(np.zeros((2000, 28, 28), np.uint8), np.arange(2000) % 10)
    digits = Dataset("mnist", tuple("0123456789"), split, split, "CC BY-SA 3.0", {"train": "0"})
    return with_digits(capitals, digits, {"letters.npz": "1"})


def indices(split):
    """Return the numbers of the capitals in a split."""
    own = split.images[split.labels >= 10].astype(int)
    return own[:, 0, 0] * 256 + own[:, 0, 1]


def test_known_writers_are_in_one_split(dataset, capitals):
    train, test = indices(dataset.train), indices(dataset.test)
    assert sorted([*train, *test]) == list(range(len(capitals.labels)))
    known = capitals.writer >= 0
    writers = [set(capitals.writer[side[known[side]]]) for side in (train, test)]
    assert all(writers)
    assert not writers[0] & writers[1]
    assert EMNIST not in capitals.source[test]


def test_the_test_split_has_every_class_and_its_origins(dataset):
    test = dataset.test
    assert np.unique(test.labels).tolist() == list(range(36))
    assert (np.bincount(test.labels)[:10] == 100).all()
    assert set(test.origins) == {"MNIST", "NIST SD19", "SSE-letters", "Chars74K"}
    assert (test.origins[test.labels < 10] == "MNIST").all()


def test_weights_balance_classes_and_collections(dataset, capitals):
    weights, labels = dataset.train.weights, dataset.train.labels
    of_class = np.bincount(labels, weights)
    assert of_class[10:] == pytest.approx(of_class[35])
    assert of_class[:10] == pytest.approx(4 * of_class[35])
    # Z has 50 of NIST SD19 and 10 of Chars74K: their shares are as the square roots.
    own = labels == 35
    share = weights[own][capitals.source[indices(dataset.train)][labels[labels >= 10] == 35] == NIST].sum()
    assert share / weights[own].sum() == pytest.approx(50**0.5 / (50**0.5 + 10**0.5))


def test_a_missing_file_is_one_line(data_directory):
    with pytest.raises(DataError, match=r"letters\.npz") as caught:
        load_dataset("letters")
    assert str(data_directory) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "letters.npz").write_bytes(b"something else")
    with pytest.raises(DataError, match="SHA-256"):
        load_dataset(tmp_path)


def test_the_real_letters():
    if letters.find_letters() is None or find_mnist() is None:
        pytest.skip("the letters are not on this machine")
    dataset = load_dataset("letters")
    assert len(dataset.classes) == 36
    assert (len(dataset.train), len(dataset.test)) == (72_690, 2_298)
    assert np.bincount(dataset.train.labels).min() >= 120
    assert np.bincount(dataset.test.labels).min() >= 25

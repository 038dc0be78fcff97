"""Scans and pen strokes in one dataset: who has which size, and how often training sees each."""

import numpy as np
import pytest

from scorp_train.data import Dataset, Split
from scorp_train.data.text import combined

CLASSES = ("!", "1", "A", "a")
SIZES = {"!": 1.3, "1": 0.9, "A": 1.0, "a": 0.6}


def split(labels, **more):
    return Split(np.zeros((len(labels), 28, 28), np.uint8), np.array(labels), **more)


@pytest.fixture(scope="module")
def dataset():
    """900 scans of 1 and 100 of A; 100 strokes of each class, whose sizes tell the classes apart."""
    labels = np.repeat(np.arange(4), 100)
    sizes = {"extent": np.array([SIZES[CLASSES[label]] for label in labels], np.float32)}
    strokes = split(labels, attributes=sizes, weights=np.linspace(1, 2, 400))
    drawn = Dataset(
        "unipen", CLASSES, strokes, strokes, "CC BY 4.0", {"unipen.npz": "1"}, {"UNIPEN": "CC BY 4.0"}
    )
    scans = split(np.repeat([0, 1], [900, 100]), weights=np.ones(1000))
    test = split([0, 1], origins=np.array(["MNIST", "NIST SD19"]))
    return combined(
        Dataset("letters", ("1", "A"), scans, test, "CC BY-SA 3.0", {}, {"MNIST": "CC BY-SA 3.0"}), drawn
    )


def test_scans_get_sizes_of_their_class(dataset):
    assert len(dataset.train) == 1400
    for part in (dataset.train, dataset.test):
        for label, name in enumerate(CLASSES):
            assert part.attributes["extent"][part.labels == label] == pytest.approx(SIZES[name])


def test_digits_weigh_most_and_symbols_least(dataset):
    train = dataset.train
    totals = np.bincount(train.labels, train.weights)
    assert totals / totals[2] == pytest.approx([0.5, 4, 1, 1])
    scans = train.weights[:1000][train.labels[:1000] == 1].sum()
    assert scans / totals[1] == pytest.approx(0.75)  # the roots of 900 and 100 images


def test_every_source_is_named(dataset):
    assert dataset.sources.keys() == {"MNIST", "UNIPEN"}
    assert set(dataset.test.origins) == {"MNIST", "NIST SD19", "UNIPEN"}

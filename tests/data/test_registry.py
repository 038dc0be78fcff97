"""Other packages add datasets through the entry-point group `scorp.datasets`."""

from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints

import numpy as np
import pytest

from scorp_train.data import DataError, Dataset, Split, dataset_names, load_dataset, registry


def make_dataset():
    split = Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
    return Dataset("two", ("a", "b"), split, split, "none")


def make_something_else():
    return "not a dataset"


@pytest.fixture(autouse=True)
def plugins(monkeypatch):
    points = EntryPoints(
        EntryPoint(name, f"{__name__}:{function.__name__}", registry.GROUP)
        for name, function in (("two", make_dataset), ("wrong", make_something_else))
    )
    monkeypatch.setattr(EntryPoint, "load", lambda point: globals()[point.attr])
    monkeypatch.setattr(registry, "entry_points", lambda **wanted: points.select(**wanted))


def test_a_plugin_is_listed_and_loaded():
    assert {"mnist", "letters", "emnist-letters", "two", "wrong"} <= set(dataset_names())
    assert load_dataset("two").classes == ("a", "b")


def test_a_plugin_that_returns_something_else_is_named():
    with pytest.raises(DataError, match="wrong"):
        load_dataset("wrong")


def test_labels_beyond_the_classes_are_refused():
    split = Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 2]))
    with pytest.raises(DataError, match="0 to 2"):
        Dataset("three", ("a", "b"), split, split, "none")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"images": np.zeros((2, 28, 27), np.uint8)}, "27"),
        ({"labels": np.array([0.0, 1.0])}, "float64"),
        ({"weights": np.ones(3)}, "weights"),
    ],
)
def test_splits_of_another_form_are_refused(changed, named):
    with pytest.raises(DataError, match=named):
        replace(make_dataset().train, **changed)

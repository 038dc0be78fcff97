"""Values of each image stay with it when images are chosen."""

import numpy as np
import pytest

from scorp_train.data import DataError, Dataset, Split
from scorp_train.data.augmentation import with_variants

NUMBERS = np.arange(6, dtype=np.float32)


@pytest.fixture
def split():
    images = np.zeros((6, 28, 28), np.uint8)
    images[:, 8:20, 13:15] = 255
    return Split(images, np.arange(6) % 2, writers=NUMBERS.astype(str), attributes={"size": NUMBERS})


@pytest.mark.parametrize("chosen", [np.array([4, 1]), np.arange(6) % 3 == 1])
def test_chosen_images_keep_their_values(split, chosen):
    some = split.take(chosen)
    assert (some.attributes["size"] == NUMBERS[chosen]).all()
    assert (some.writers == NUMBERS[chosen].astype(str)).all()


def test_one_class_and_other_classes_keep_them(split):
    assert split.of(1).attributes["size"].tolist() == [1, 3, 5]
    dataset = Dataset("two", ("a", "b"), split, split, "none").with_classes(("b", "c", "a"))
    assert dataset.train.attributes["size"].tolist() == NUMBERS.tolist()
    assert dataset.only("b").test.writers.tolist() == ["1.0", "3.0", "5.0"]


def test_variants_have_the_values_of_their_image(split):
    train = with_variants(Dataset("two", ("a", "b"), split, split, "none"), 5, seed=0).train
    assert len(train) == 10
    assert (train.attributes["size"] % 2 == train.labels).all()
    assert len(train.writers) == 10


@pytest.mark.parametrize("wrong", [{"writers": np.array(["a"])}, {"attributes": {"size": NUMBERS[:5]}}])
def test_other_values_are_refused(split, wrong):
    with pytest.raises(DataError):
        Split(split.images, split.labels, **wrong)

"""What a model gets to see of a data set, by what it can be told."""

import sys
from dataclasses import dataclass

import numpy as np

from scorp_runtime.sampling.labels import ANY
from scorp_train.data import DataError, Dataset, load_dataset
from scorp_train.distributed.process import this_process
from scorp_train.models.registry import model_class
from scorp_train.models.task import Told

from .options import Plan
from .style_prior import NaturalStyles, natural_styles, no_styles

FEWEST = 10  # training pictures of a class: fewer say nothing of how its styles vary together
FEWEST_TEST = 6  # test pictures: scores look for the five nearest of each


@dataclass(frozen=True, eq=False)
class Lesson:
    """The pictures to learn from, their styles, and the `classes` that the finished model can be asked for."""

    dataset: Dataset
    natural: NaturalStyles
    classes: tuple[str, ...]


def load_pictures(plan: Plan) -> Dataset:
    """The plan's data set, or its one class if the plan says `only`. Raises `DataError`, also where it is too small."""
    dataset = load_dataset(plan.training.data, plan.training.layout, plan.training.invert)
    only = getattr(plan.model, "only", "")
    dataset = dataset.only(only) if only else dataset
    of_each = np.bincount(dataset.train.labels, minlength=len(dataset.classes))
    if (few := int(of_each.min())) < FEWEST:
        raise DataError(
            f"{dataset.name} has {few} training pictures of class {dataset.classes[int(of_each.argmin())]!r}; "
            f"at least {FEWEST} of each class are needed"
        )
    if len(dataset.test) < FEWEST_TEST:
        raise DataError(
            f"{dataset.name} has {len(dataset.test)} test pictures; at least {FEWEST_TEST} are needed"
        )
    if this_process().leads:
        for line in dataset.notes:
            print(f"{plan.training.data}: {line}", file=sys.stderr)
    return dataset


def lesson(plan: Plan, dataset: Dataset) -> Lesson:
    """What the plan's model learns of its data set."""
    told = getattr(model_class(plan.training.model), "told", Told.CLASS_AND_STYLE)
    if told is Told.CLASS_AND_STYLE:
        return Lesson(dataset, natural_styles(dataset), dataset.classes)
    # A model of one class can be asked for it by its name.
    classes = (ANY,) if told is Told.NOTHING and len(dataset.classes) > 1 else dataset.classes
    return Lesson(dataset, no_styles(dataset, classes), classes)

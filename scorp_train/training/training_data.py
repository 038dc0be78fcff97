"""The training set of a plan: images, labels, styles and weights."""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorp_runtime.model.metadata import is_class_name
from scorp_runtime.sampling.labels import ANY
from scorp_train.data import DataError, Dataset, load_dataset
from scorp_train.data.augmentation import with_variants
from scorp_train.distributed.process import this_process
from scorp_train.models.model_api import Task
from scorp_train.models.registry import model_class

from .options import Plan
from .style_prior import StylePrior, measured_prior, no_prior

FEWEST = 10  # training images of a class: fewer do not show how its styles vary together
FEWEST_TEST = 6  # test images: scores use the five nearest neighbours of each


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What a model learns from; `classes` are those that the finished model offers.

    `measured` has the knobs that are measured, `prior` also the model's own.
    """

    dataset: Dataset
    measured: StylePrior
    prior: StylePrior
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if unusable := [name for name in self.classes if not is_class_name(name)]:
            raise DataError(f"{self.dataset.name} has classes that a model cannot name: {' '.join(unusable)}")

    @property
    def images(self) -> NDArray[np.uint8]:
        """The images, uint8 (N, H, W)."""
        return self.dataset.train.images

    @property
    def labels(self) -> NDArray[np.int64]:
        """The classes, int64 (N,), as indices into the classes of the dataset."""
        return self.dataset.train.labels

    @property
    def styles(self) -> NDArray[np.float32]:
        """The styles, float32 (N, S) in the knobs' units."""
        return self.prior.styles

    @property
    def weights(self) -> NDArray[np.floating] | None:
        """How often training uses each image, in proportion: weights of styles times those of the dataset, or None."""
        rare, given = self.prior.weights, self.dataset.train.weights
        if rare is None or given is None:
            return given if rare is None else rare
        return rare * given

    def steps_per_epoch(self, plan: Plan) -> int:
        """Return the number of steps in an epoch; the few images left over differ from epoch to epoch."""
        return max(1, len(self.labels) // plan.training.images_per_step)

    def task(self, plan: Plan) -> Task:
        """Return what a model has to learn."""
        return Task(
            classes=self.classes,
            knobs=self.measured.knobs,
            style_centre=self.measured.centre,
            style_spread=self.measured.spread,
            side=self.images.shape[1],
            steps=plan.training.epochs * self.steps_per_epoch(plan),
        )


def load_data(plan: Plan) -> Dataset:
    """Load the plan's dataset, or its one class of the option `only`. Raises `DataError`, also if it is too small."""
    dataset = load_dataset(plan.training.data, plan.training.layout, plan.training.invert)
    if only := getattr(plan.model, "only", ""):
        dataset = dataset.only(only)
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.classes))
    if (few := int(counts.min())) < FEWEST:
        raise DataError(
            f"{dataset.name} has {few} training images of class {dataset.classes[int(counts.argmin())]!r}; "
            f"at least {FEWEST} of each class are needed"
        )
    if len(dataset.test) < FEWEST_TEST:
        raise DataError(
            f"{dataset.name} has {len(dataset.test)} test images; at least {FEWEST_TEST} are needed"
        )
    if this_process().leads:
        for line in dataset.notes:
            print(f"{plan.training.data}: {line}", file=sys.stderr)
    return dataset


def training_set(plan: Plan, dataset: Dataset) -> TrainingSet:
    """Return what the plan's model learns from a dataset: with variants, and with styles if the model uses them."""
    if plan.training.variants:
        dataset = with_variants(dataset, plan.training.variants, plan.training.seed)
    model = model_class(plan.training.network)
    inputs = getattr(model, "inputs", ("label", "style"))
    if "style" in inputs:
        prior = measured_prior(dataset)
        return TrainingSet(
            dataset, prior, prior.with_own_knobs(getattr(model, "own_knobs", ())), dataset.classes
        )
    # The only class of a dataset keeps its name.
    classes = dataset.classes if "label" in inputs or len(dataset.classes) == 1 else (ANY,)
    prior = no_prior(dataset, classes)
    return TrainingSet(dataset, prior, prior, classes)

"""The real digits that everything is held against."""

from dataclasses import dataclass

from scorp_train.data import Dataset
from scorp_train.judge import Judge

from .measured_images import Collection, collect, even_samples
from .sample_sizes import Plan


@dataclass(frozen=True, eq=False)
class Real:
    """A data set read by a judge: `test` is the reference, `samples` of training digits give the baselines."""

    dataset: Dataset
    judge: Judge
    test: Collection
    samples: tuple[Collection, ...]


def read_real(dataset: Dataset, judge: Judge, plan: Plan, count: int, seed: int) -> Real:
    """Read the test split and `plan.real_samples` samples of `count` training digits."""
    places = even_samples(dataset.train, count, plan.real_samples, seed)
    samples = [collect(dataset.train.images[place], dataset.train.labels[place], judge) for place in places]
    return Real(dataset, judge, collect(dataset.test.images, dataset.test.labels, judge), tuple(samples))

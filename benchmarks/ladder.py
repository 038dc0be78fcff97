"""How varied and clean digits are, for real ones, for each stage of a training, and for released models.

    python benchmarks/ladder.py [SOURCE ...]

A source is a model file, or a run folder of the default model. Images of a run are measured as redrawn from the codes
of real images, and as drawn from the prior. `smudges` is how often an image's own class gets less probability than the
least readable 1 % of real images get, in percent. `auc` is how well a CNN tells images from real ones (0.5: not).
`use` is the accuracy, on each set, of a small CNN trained on the images. UNIPEN's digits are used if
`unipen/unipen.npz` is in the data directory.
"""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from report import row
from scipy import stats
from scipy.special import log_softmax
from torch import Tensor

from scorp_runtime import Generator
from scorp_train.data import Split
from scorp_train.data.cache import data_directory
from scorp_train.data.mnist import load_mnist
from scorp_train.data.strokes import draw_strokes
from scorp_train.data.unipen import read_packed
from scorp_train.evaluation.classifier import fit, predict
from scorp_train.judge import judge_for
from scorp_train.measures.frechet import frechet_distance
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.models.integer import rectified
from scorp_train.models.model_api import Batch, StepRandom
from scorp_train.models.multires.recipe import MultiresGan
from scorp_train.training.run_folder import RunFolder
from scorp_train.training.trainer import Trainer
from scorp_train.training.training_data import load_data, training_set

COUNT = 60_000
MEASURED = 10_000
NEIGHBOURS = 5_000
HELD_OUT = 10_000  # of MNIST's training images, to steer by
STEPS = 2_000
DIGITS = tuple("0123456789")
PENS = (2.0, 3.2)  # px
RARITIES = (0.0, 0.5, 1.5, 2.0)
COLUMNS = ("accuracy", "smudges", "Frechet", "precision", "recall", "coverage", "auc")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", nargs="*", type=Path, metavar="SOURCE")
    parser.add_argument(
        "--steer", action="store_true", help="use held-out training images, not MNIST's test set"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    ladder = Ladder(options.steer)
    rows = chain([("real", ladder.train)], *map(images_of, options.sources or [Path("exported/digits.onnx")]))
    uses = {}
    print(row("images", *COLUMNS, *(f"use, {name}" for name in ladder.sets)))
    print(row(*["---"] * (1 + len(COLUMNS) + len(ladder.sets))))
    for name, images in rows:
        uses[name] = ladder.uses(images)
        total = [float(share.mean()) for share in uses[name].values()]
        print(row(name, *ladder.measure(images), *total), flush=True)
    *_, last = uses
    print(f"\nPer class, {last} and, after the slash, real:\n")
    print(row("class", "most often read as", *(f"use, {name}" for name in ladder.sets)))
    print(row(*["---"] * (2 + len(ladder.sets))))
    for label, confusion in enumerate(ladder.confusions(images)):
        shares = [f"{uses[last][name][label]:.3f} / {uses['real'][name][label]:.3f}" for name in ladder.sets]
        print(row(label, confusion, *shares))


def images_of(source: Path) -> Iterator[tuple[str, Split]]:
    """Yield the images of a run, or those of a model file, which are also drawn with other rarities if it can."""
    if source.suffix != ".onnx":
        yield from stages(source)
        return
    generator = Generator(source)
    has_rarity = any(knob.name == "rarity" for knob in generator.knobs)
    for rarity in (*RARITIES, None) if has_rarity else (None,):
        batch = generator.generate("0-9", COUNT, seed=1, rarity=rarity)
        name = source.name if rarity is None else f"{source.name}, rarity {rarity:g}"
        yield name, Split(batch.images, batch.labels.astype(np.int64))


def stages(run: Path) -> Iterator[tuple[str, Split]]:
    """Yield images of a run with the labels and styles of real ones: redrawn from codes, and drawn from the prior."""
    plan = RunFolder(run).plan()
    trainer = Trainer(plan, training_set(plan, load_data(plan)), RunFolder(run))
    network = trainer.model
    assert isinstance(network, MultiresGan)
    step, random = trainer.step, StepRandom()
    if step < network.prior_step:
        raise SystemExit(f"{run}: the codes stage is not finished")
    if step == network.prior_step:
        network.fit_prior(trainer.all_batches(), random)
    generator = network.export_module(step)

    def redrawn(batch: Batch) -> Tensor:
        mean, log_variance = network._encoder(batch.images, batch.labels, network._standardised(batch.styles))
        code = network._sampled(mean, log_variance, random)
        return torch.round(rectified(network._average.decode(code, batch.labels, batch.styles)[:, 0])).byte()

    def drawn(batch: Batch) -> Tensor:
        noise = random.randn(len(batch.labels), network.latent)
        images: Tensor = generator(noise, batch.labels, batch.styles)
        return images

    for name, draw in (("redrawn", redrawn), ("drawn", drawn)):
        with torch.no_grad():
            images = torch.cat([draw(batch) for batch in trainer.all_batches()]).numpy()
        yield f"{run.name}, step {step}, {name}", Split(images, trainer.data.labels)


class Ladder:
    """The sets that images are measured with."""

    def __init__(self, steer: bool) -> None:
        mnist = load_mnist()
        count = len(mnist.train) - (HELD_OUT if steer else 0)
        self.train = mnist.train.take(np.arange(count))
        test = mnist.train.take(np.arange(count, len(mnist.train))) if steer else mnist.test
        # Shuffled, because the first half of MNIST's test digits is easier.
        self.test = test.take(np.random.default_rng(1).permutation(len(test)))
        self.sets = {"MNIST": self.test}
        strokes = data_directory("unipen") / "unipen.npz"
        if strokes.exists():
            self.sets["UNIPEN"] = unipen_digits(strokes)
        judge = judge_for(DIGITS)
        assert judge is not None
        self.judge, self.reading = judge, judge.read(self.test.images)
        self.limit = np.quantile(own_probability(self.reading.logits, self.test.labels), 0.01)

    def measure(self, images: Split) -> list[float]:
        """Return the values of `COLUMNS`."""
        some = sample(images)
        reading = self.judge.read(some.images)
        own = own_probability(reading.logits, some.labels)
        near = manifold_scores(self.reading.features[:NEIGHBOURS], reading.features[:NEIGHBOURS])
        return [
            float((reading.labels == some.labels).mean()),
            100 * float((own < self.limit).mean()),
            frechet_distance(reading.features, self.reading.features),
            near.precision,
            near.recall,
            near.coverage,
            self.auc(some),
        ]

    def uses(self, images: Split) -> dict[str, NDArray[np.float64]]:
        """Return the share of each class of each set that a CNN trained on the images reads right."""
        network = fit(images.images, images.labels, len(DIGITS), STEPS, seed=0)
        shares = {}
        for name, split in self.sets.items():
            right = predict(network, split.images).argmax(1) == split.labels
            shares[name] = np.array([right[split.labels == label].mean() for label in range(len(DIGITS))])
        return shares

    def confusions(self, images: Split) -> Iterator[str]:
        """Yield, for each class, as what its images are most often misread by the judge."""
        some = sample(images)
        reading = self.judge.read(some.images)
        for label in range(len(DIGITS)):
            read = np.bincount(reading.labels[some.labels == label], minlength=len(DIGITS))
            count, read[label] = read.sum(), 0
            yield f"{read.argmax()}: {100 * read.max() / count:.1f} %" if read.any() else "-"

    def auc(self, some: Split) -> float:
        """Return how well a CNN that sees half of the images and of real ones tells the other half apart."""
        count = len(self.test)
        images = np.stack([some.images[:count], self.test.images], 1).reshape(-1, 28, 28)
        kinds = np.tile(np.array([1, 0], np.int64), count)
        logits = predict(fit(images[:count], kinds[:count], 2, 500, seed=0), images[count:])
        score, fake = logits[:, 1] - logits[:, 0], kinds[count:] == 1
        return float(stats.mannwhitneyu(score[fake], score[~fake]).statistic / fake.sum() / (~fake).sum())


def sample(images: Split) -> Split:
    """Return some of the images, always the same."""
    return images.take(np.random.default_rng(0).permutation(len(images))[:MEASURED])


def own_probability(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the logarithm of the probability of each image's own class."""
    found: NDArray[np.float32] = log_softmax(logits, 1)[np.arange(len(labels)), labels]
    return found


def unipen_digits(path: Path) -> Split:
    """Return all digits of UNIPEN's packed file, drawn with pens of random width."""
    characters = read_packed(path)
    characters = characters.take(np.isin(characters.labels, DIGITS))
    pens = np.random.default_rng(0).uniform(*PENS, len(characters))
    images = [draw_strokes(characters.strokes(index), pen) for index, pen in enumerate(pens)]
    return Split(np.stack(images), characters.labels.astype(np.int64))


if __name__ == "__main__":
    main()

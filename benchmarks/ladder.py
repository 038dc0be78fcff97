"""How varied and clean digits are, for real ones, for each stage of a training, and for released models.

python benchmarks/ladder.py [RUN ...] [MODEL.onnx ...] [--unipen unipen.npz]

RUN is a run folder of the default model; its images are measured as redrawn from the codes of real images, and as drawn
from the prior. `smudges` is how often an image's own class gets less probability than the least readable 1 % of real
images get, in percent; `use` the accuracy, on each set, of a small CNN trained on the images; `auc` how well a CNN
tells them from real ones (0.5: not at all).
"""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from scipy.special import log_softmax
from torch import Tensor

from scorp_runtime import Generator
from scorp_train.data import Split
from scorp_train.data.mnist import load_mnist
from scorp_train.data.strokes import draw_strokes
from scorp_train.evaluation.classifier import fit, predict
from scorp_train.judge import judge_for
from scorp_train.measures.frechet import frechet_distance
from scorp_train.measures.neighbours import manifold_scores
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

Images = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--unipen", type=Path, help="npz of pen strokes with labels and categories")
    parser.add_argument(
        "--test", action="store_true", help="use MNIST's test set instead of held-out training images"
    )
    parser.add_argument("--real", action="store_true", help="begin with a row of real images")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ladder = Ladder(options.test, options.unipen)
    print("| images | " + " | ".join(ladder.columns) + " |\n|" + " --- |" * (1 + len(ladder.columns)))
    rows = chain([("real", ladder.train)] if options.real else [], *map(images_of, options.sources))
    for name, images in rows:
        print(
            f"| {name} | " + " | ".join(f"{value:.4g}" for value in ladder.measure(images)) + " |", flush=True
        )


def images_of(source: Path) -> Iterator[tuple[str, Split]]:
    """Yield the images of a model file, or those of a run."""
    if source.suffix != ".onnx":
        yield from stages(source)
        return
    batch = Generator(source).generate("0-9", COUNT, seed=1)
    yield source.name, Split(batch.images, batch.labels.astype(np.int64))


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

    def drawn(batch: Batch, random: StepRandom) -> Tensor:
        images: Tensor = generator(
            random.randn(len(batch.labels), network.latent), batch.labels, batch.styles
        )
        return images

    for name, draw in (("redrawn", network.redraw), ("drawn", drawn)):
        with torch.no_grad():
            images = torch.cat([draw(batch, random) for batch in trainer.all_batches()]).numpy()
        yield f"{run.name}, step {step}, {name}", Split(images, trainer.data.labels)


class Ladder:
    """The sets that images are measured with."""

    def __init__(self, test: bool, unipen: Path | None) -> None:
        mnist = load_mnist()
        self.train = mnist.train.take(np.arange(len(mnist.train) - HELD_OUT))
        self.test = mnist.test if test else mnist.train.take(np.arange(len(mnist.train))[-HELD_OUT:])
        self.sets = {"use: MNIST": self.test}
        if unipen is not None:
            self.sets["use: UNIPEN"] = unipen_digits(unipen)
        self.judge = judge_for(DIGITS)
        assert self.judge is not None
        self.reading = self.judge.read(self.test.images)
        self.limit = np.quantile(own_probability(self.reading.logits, self.test.labels), 0.01)
        half = len(self.reading.features) // 2
        self.floor = frechet_distance(self.reading.features[:half], self.reading.features[half:])

    columns = (
        "accuracy", "smudges", "Frechet", "precision", "recall", "coverage", "auc", "use: MNIST", "use: UNIPEN",
    )  # fmt: skip

    def measure(self, images: Split) -> list[float]:
        """Return the values of the columns."""
        some = images.take(np.random.default_rng(0).permutation(len(images))[:MEASURED])
        assert self.judge is not None
        reading = self.judge.read(some.images)
        own = own_probability(reading.logits, some.labels)
        near = manifold_scores(self.reading.features[:NEIGHBOURS], reading.features[:NEIGHBOURS])
        network = fit(images.images, images.labels, len(DIGITS), STEPS, seed=0)
        used = [
            float((predict(network, split.images).argmax(1) == split.labels).mean())
            for split in self.sets.values()
        ]
        return [
            float((reading.labels == some.labels).mean()),
            100 * float((own < self.limit).mean()),
            frechet_distance(reading.features, self.reading.features),
            near.precision,
            near.recall,
            near.coverage,
            self.auc(some),
            *used,
        ]

    def auc(self, some: Split) -> float:
        """Return how well a CNN that sees half of the images and of real ones tells the other half apart."""
        count = len(self.test)
        images = np.stack([some.images[:count], self.test.images], 1).reshape(-1, 28, 28)
        kinds = np.tile(np.array([1, 0], np.int64), count)
        logits = predict(fit(images[:count], kinds[:count], 2, 500, seed=0), images[count:])
        score, fake = logits[:, 1] - logits[:, 0], kinds[count:] == 1
        return float(stats.mannwhitneyu(score[fake], score[~fake]).statistic / fake.sum() / (~fake).sum())


def own_probability(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the logarithm of the probability of each image's own class."""
    found: NDArray[np.float32] = log_softmax(logits, 1)[np.arange(len(labels)), labels]
    return found


def unipen_digits(path: Path) -> Split:
    """Return UNIPEN's digits, drawn with pens of random width."""
    with np.load(path) as arrays:
        chosen = np.flatnonzero(arrays["category"] == 0)
        points, strokes, characters = arrays["points"], arrays["stroke_start"], arrays["char_start"]
        labels = arrays["label"][chosen].astype(np.int64)
    pens = np.random.default_rng(0).uniform(*PENS, len(chosen))
    images = [
        draw_strokes(
            [points[strokes[s] : strokes[s + 1]] for s in range(characters[c], characters[c + 1])], pen
        )
        for c, pen in zip(chosen, pens, strict=True)
    ]
    return Split(np.stack(images), labels)


if __name__ == "__main__":
    main()

"""What characters of a model are worth for training: accuracy of a small CNN on real ones by other writers.

    python benchmarks/characters.py [MODEL ...]

The CNN learns the real training images of the dataset `text`, or as many generated ones. It is tested on the test
images: UNIPEN's of other writers, other collections' capitals, and MNIST's digits. Classes that look alike count as
one. The accuracy is the mean over classes; `smudges` is how often the judge gives an image's own group less probability
than the least readable 1 % of real test images get, in percent.
"""

import argparse
from string import ascii_letters, ascii_uppercase, digits

import numpy as np
import torch
from numpy.typing import NDArray
from report import row
from scipy.special import logsumexp

from scorp_runtime import Generator
from scorp_train.data import Dataset, Split, load_dataset
from scorp_train.evaluation.classifier import fit, predict
from scorp_train.judge import judge_for
from scorp_train.judge.lookalikes import groups_of

STEPS = 4_000
MEASURED = 10_000


def main() -> None:
    """Print a row for the real images and for each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["text"], metavar="MODEL")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = load_dataset("text")
    groups = groups_of(data.classes)
    sets = test_sets(data.test, data.classes)
    print(row("images", "accuracy", "smudges", *sets))
    print(row(*["---"] * (3 + len(sets))))
    judge = judge_for(data.classes)
    assert judge is not None

    def own_group(split: Split) -> NDArray[np.float32]:
        """Return the logarithm of the probability that the judge gives to the group of each image."""
        logits = judge.read(split.images).logits
        alike = groups[split.labels][:, None] == groups
        found: NDArray[np.float32] = logsumexp(np.where(alike, logits, -np.inf), 1) - logsumexp(logits, 1)
        return found

    limit = np.quantile(own_group(data.test), 0.01)
    for name in ("real", *options.models):
        images = data.train if name == "real" else generated(name, data)
        some = images.take(np.random.default_rng(0).permutation(len(images))[:MEASURED])
        read = groups[judge.read(some.images).labels] == groups[some.labels]
        network = fit(images.images, images.labels, len(data.classes), STEPS, seed=0)
        uses = (mean_accuracy(network, split, groups) for split in sets.values())
        print(row(name, read.mean(), 100 * (own_group(some) < limit).mean(), *uses), flush=True)


def generated(model: str, data: Dataset) -> Split:
    """Return as many images as the training images, with the same number of each class."""
    generator = Generator(model)
    names = [name for name in data.classes if name in generator.classes]
    labels = np.arange(len(data.train)) % len(names)
    batch = generator.generate([generator.classes.index(names[label]) for label in labels], seed=1)
    return Split(batch.images, np.array([data.classes.index(names[label]) for label in labels], np.int64))


def test_sets(test: Split, classes: tuple[str, ...]) -> dict[str, Split]:
    """Return the test images of each kind."""
    assert test.origins is not None
    names, strokes, mnist = np.array(classes)[test.labels], test.origins == "UNIPEN", test.origins == "MNIST"
    symbols = ~np.isin(names, [*ascii_letters, *digits])
    return {
        "letters and digits, UNIPEN": test.take(strokes & ~symbols),
        "symbols, UNIPEN": test.take(strokes & symbols),
        "capitals, scans": test.take(~strokes & np.isin(names, [*ascii_uppercase])),
        "digits, MNIST": test.take(mnist),
    }


def mean_accuracy(network: torch.nn.Module, split: Split, groups: NDArray[np.int64]) -> float:
    """Return the accuracy on a split, classes that look alike as one, as the mean over classes."""
    right = groups[predict(network, split.images).argmax(1)] == groups[split.labels]
    return float(np.mean([right[split.labels == label].mean() for label in np.unique(split.labels)]))


if __name__ == "__main__":
    main()

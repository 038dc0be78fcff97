"""Check that `scorp-eval` recognises images that are wrong in a known way.

    python benchmarks/discrimination.py [--model NAME|FILE] [--full]

Prints a row of figures for real digits, the model, and each kind of wrong images. A figure that is worse than for real
digits is marked with `!`. The real digits are 10,000 held-out digits of the training split.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from scorp_train.data import Dataset, Split, load_dataset
from scorp_train.evaluation.report import evaluate
from scorp_train.evaluation.report_json import report_fields
from scorp_train.evaluation.sample_sizes import FULL, QUICK, SampleSizes
from scorp_train.evaluation.sources import SourceImages, read_source
from scorp_train.judge import load_judge

Images, Labels = NDArray[np.uint8], NDArray[np.int64]
HELD_OUT = 10_000
SHOWN = ("label_accuracy", "frechet_distance", "precision", "recall", "coverage", "close_siblings", "use_all")


def class_means(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return the mean image of each class, shifted by up to 1.5 px, with a little noise."""
    labels = np.arange(len(real), dtype=np.int64) % 10
    means = np.stack([real.images[real.labels == label].mean(0) for label in range(10)])
    images = [ndimage.shift(means[label], random.uniform(-1.5, 1.5, 2), order=1) for label in labels]
    return np.clip(1.6 * np.stack(images) + random.normal(0, 5, real.images.shape), 0, 255).astype(
        np.uint8
    ), labels


def repeats_fifty(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return five digits per class, repeated."""
    few = np.concatenate([np.flatnonzero(real.labels == label)[:5] for label in range(10)])
    pick = random.choice(few, len(real))
    return real.images[pick], real.labels[pick]


def drops_a_class(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return real digits without sevens."""
    keep = np.flatnonzero(real.labels != 7)
    return real.images[keep], real.labels[keep]


def shuffles_labels(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return real digits with shuffled labels."""
    return real.images, random.permutation(real.labels)


def blurs(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return real digits blurred with sigma 1 px."""
    return ndimage.gaussian_filter(real.images, (0, 1, 1)), real.labels


def noise(real: Split, random: np.random.Generator) -> tuple[Images, Labels]:
    """Return uniform noise."""
    return random.integers(0, 256, real.images.shape, np.uint8), real.labels


IMPOSTORS: dict[str, Callable[[Split, np.random.Generator], tuple[Images, Labels]]] = {
    "real digits": lambda real, random: (real.images, real.labels),
    "blurred digits": blurs,
    "a class dropped": drops_a_class,
    "labels shuffled": shuffles_labels,
    "50 repeated": repeats_fifty,
    "class means": class_means,
    "noise": noise,
}


def main() -> int:
    """Print the table; return 1 if a wrong kind of images passes or real digits do not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="digits", help="model to compare (default: %(default)s)")
    parser.add_argument("--full", action="store_true", help="use 10,000 images instead of 2,000")
    options = parser.parse_args()
    torch.set_num_threads(1)
    plan = FULL if options.full else QUICK
    dataset, held_out = hold_out(load_dataset("mnist"))
    random = np.random.default_rng(1)
    failed = False
    names = [name.replace("_", " ") for name in SHOWN]
    print("| images |", *(f"{name} |" for name in (*names, "as real", "fails the check for")))
    print("| --- " * (len(names) + 3) + "|", flush=True)
    for name, forge in IMPOSTORS.items():
        pictures = as_source(name, *forge(held_out, random), plan)
        short = show(report_fields(evaluate(pictures, dataset, load_judge("mnist"), plan, 0, silence)), name)
        failed |= bool(short) == (name == "real digits")
        if name == "real digits":
            model = read_source(options.model, dataset.classes, plan, plan.count, 0, invert=False)
            name = f"{options.model} {model.generator.info.version}" if model.generator else options.model
            show(report_fields(evaluate(model, dataset, load_judge("mnist"), plan, 0, silence)), name)
    return int(failed)


def hold_out(dataset: Dataset) -> tuple[Dataset, Split]:
    """Move digits out of the training split; return the rest and them."""
    order = np.random.default_rng(0).permutation(len(dataset.train))
    taken, left = order[:HELD_OUT], order[HELD_OUT:]
    train = Split(dataset.train.images[left], dataset.train.labels[left])
    rest = Dataset(dataset.name, dataset.classes, train, dataset.test, dataset.licence)
    return rest, Split(dataset.train.images[taken], dataset.train.labels[taken])


def as_source(name: str, images: Images, labels: Labels, plan: SampleSizes) -> SourceImages:
    """Return these images as a source."""
    return SourceImages(
        name, images[: plan.count], labels[: plan.count], images[: plan.use_all], labels[: plan.use_all]
    )


def show(fields: dict[str, Any], name: str) -> list[str]:
    """Print a row; return the figures and checks that failed."""
    figures, summary = fields["figures"], fields["summary"]
    short = [key for key, figure in figures.items() if figure["verdict"] == "short of real"]
    failed = [key for key, check in fields["diagnostics"].items() if not check["passed"]]
    values = [f"{figures[key]['value']:.4g}{' !' if key in short else ''}" for key in SHOWN]
    cells = [name, *values, f"{summary['as_real']} of {summary['compared']}", ", ".join(failed)]
    print("|", *(f"{cell} |" for cell in cells), flush=True)
    return short + failed


def silence(stage: str) -> None:
    """Ignore progress."""


if __name__ == "__main__":
    sys.exit(main())

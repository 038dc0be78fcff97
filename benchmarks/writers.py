"""Consistency of writers: variance of measured style within and between writers.

    python benchmarks/writers.py [--model NAME|FILE] [--writers 100] [--image writers.png]

Every writer writes each class once with each of three seeds. Measured styles are standardised by class. `shape of a
class` is the features of the judge, class by class. `ratio` is within / between. The last column is for images without
writers in the same groups and should be 0.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime import Generator
from scorp_train.judge import load_judge
from scorp_train.measures.style import STYLE_NAMES, measure_styles

SEEDS = (1, 2, 3)
SHOWN = 12


def draw(generator: Generator, writers: int, *, use_writers: bool) -> NDArray[np.uint8]:
    """Return images uint8 (writers, seeds, classes, H, W), with or without writers."""
    count = len(generator.classes)
    return np.stack(
        [
            [
                generator.generate(
                    "all", count, seed=seed, start=count * writer, writer=writer if use_writers else None
                ).images
                for seed in SEEDS
            ]
            for writer in range(writers)
        ]
    )


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardise values (writers, seeds, classes, F) by class."""
    return (values - values.mean((0, 1))) / values.std((0, 1))


def within_and_between(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the variance of values (writers, n) within writers, and that of the true means of writers."""
    within = float(values.var(1, ddof=1).mean())
    between = float(values.mean(1).var(ddof=1)) - within / values.shape[1]
    return within, max(between, 0.0)


def rows(images: NDArray[np.uint8]) -> dict[str, tuple[float, float]]:
    """Return the variances within and between writers, by figure."""
    groups, flat = images.shape[:3], images.reshape(-1, *images.shape[3:])
    styles = standardised(measure_styles(flat).astype(np.float64).reshape(*groups, -1))
    found = {
        name: within_and_between(styles[..., column].reshape(groups[0], -1))
        for column, name in enumerate(STYLE_NAMES)
    }
    features = load_judge("mnist").read(flat).features.astype(np.float64).reshape(*groups, -1)
    spread = features - features.mean((0, 1))
    pairs = [
        within_and_between(spread[:, :, label, column])
        for label in range(groups[2])
        for column in range(spread.shape[-1])
    ]
    within, between = np.array(pairs).sum(0) / np.sum(spread.var((0, 1)))
    return found | {"shape of a class (features of the judge)": (float(within), float(between))}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=None)
    parser.add_argument("--writers", type=int, default=100)
    parser.add_argument("--image", type=Path)
    options = parser.parse_args()
    generator = Generator(options.model)
    images = draw(generator, options.writers, use_writers=True)
    if options.image:
        lines = np.concatenate([images[:SHOWN, 0], images[:SHOWN, 1]], 1)  # one writer per row, two seeds
        sheet = lines.swapaxes(1, 2).reshape(SHOWN * lines.shape[2], -1)
        Image.fromarray(255 - sheet.repeat(2, 0).repeat(2, 1)).save(options.image)
    without = rows(draw(generator, options.writers, use_writers=False))
    what = f"{generator.info.name} {generator.info.version}, {options.writers} writers"
    print(f"| {what} | within a writer | between writers | ratio | between, without writers |")
    print("| --- | --- | --- | --- | --- |")
    for name, (within, between) in rows(images).items():
        print(f"| {name} | {within:.3f} | {between:.3f} | {within / between:.2f} | {without[name][1]:.3f} |")


if __name__ == "__main__":
    main()

"""Does a writer write like one person? Variance of measured style within a writer against between writers.

    python benchmarks/writers.py [--model NAME|FILE] [--writers 100] [--picture writers.png]

Every writer writes each class once in each of three seeds. Styles are measured on the pictures and divided by the
standard deviation of their class, so that classes compare; `shape of a class` is the judge's features, taken class by
class. `ratio` is within by between. The last column, of pictures without writers in the same groups, should be 0.
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


def draw(generator: Generator, writers: int, *, hands: bool) -> NDArray[np.uint8]:
    """uint8 (writers, seeds, classes, H, W), without `hands` in nobody's."""
    count = len(generator.classes)
    return np.stack(
        [
            [
                generator.generate(
                    "all", count, seed=seed, start=count * writer, writer=writer if hands else None
                ).images
                for seed in SEEDS
            ]
            for writer in range(writers)
        ]
    )


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (writers, seeds, classes, F), of mean 0 and deviation 1 in each class."""
    return (values - values.mean((0, 1))) / values.std((0, 1))


def within_and_between(values: NDArray[np.float64]) -> tuple[float, float]:
    """Pooled variance of the values (writers, n) about their writer's mean, and of the writers' true means."""
    within = float(values.var(1, ddof=1).mean())
    between = float(values.mean(1).var(ddof=1)) - within / values.shape[1]
    return within, max(between, 0.0)


def rows(images: NDArray[np.uint8]) -> dict[str, tuple[float, float]]:
    """Figure -> variance within and between writers."""
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
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    generator = Generator(options.model)
    images = draw(generator, options.writers, hands=True)
    if options.picture:
        lines = np.concatenate(
            [images[:SHOWN, 0], images[:SHOWN, 1]], 1
        )  # a writer a line, two seeds side by side
        sheet = lines.swapaxes(1, 2).reshape(SHOWN * lines.shape[2], -1)
        Image.fromarray(255 - sheet.repeat(2, 0).repeat(2, 1)).save(options.picture)
    nobody = rows(draw(generator, options.writers, hands=False))
    what = f"{generator.info.name} {generator.info.version}, {options.writers} writers"
    print(f"| {what} | within a writer | between writers | ratio | between, without writers |")
    print("| --- | --- | --- | --- | --- |")
    for name, (within, between) in rows(images).items():
        print(f"| {name} | {within:.3f} | {between:.3f} | {within / between:.2f} | {nobody[name][1]:.3f} |")


if __name__ == "__main__":
    main()

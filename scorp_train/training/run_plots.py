"""Image files of a training: sample sheets and curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime.files.atomic import atomic_file

GAP = 12  # pixels between generated and real images
SCALE = 2
RESOLUTION = "resolution"  # a statistic of models that grow, which is not plotted
# Scores that are shares of images.
SHARES = ("label_accuracy", "lookalike_accuracy", "precision", "recall", "coverage")


def in_rows(images: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """Return a grid of images, row by row: uint8 (rows * columns, H, W) -> (rows * H, columns * W)."""
    height, width = images.shape[1:]
    columns = len(images) // rows
    return images.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def save_samples(path: Path, generated: NDArray[np.uint8], real: NDArray[np.uint8], rows: int) -> None:
    """Write generated images beside real ones as black ink on white, both uint8 (rows * n, H, W)."""
    left, right = in_rows(generated, rows), in_rows(real, rows)
    gap = np.zeros((len(left), GAP), np.uint8)
    sheet = Image.fromarray(255 - np.concatenate([left, gap, right], 1))
    size = (sheet.width * SCALE, sheet.height * SCALE)
    with atomic_file(path) as stream:
        sheet.resize(size, Image.Resampling.NEAREST).save(stream, "PNG")


def save_curves(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Plot the log of a run by epoch: losses, the discriminator's accuracies, and the scores of each epoch."""
    from .plotting import Figure

    groups = [line for line in lines if line["kind"] == "group"]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    # In order of appearance: stages log different statistics.
    names = dict.fromkeys(name for line in groups for name in line["statistics"] if name != RESOLUTION)
    shares = [name for name in SHARES if name in epochs[-1]["scores"]]
    figure = Figure(figsize=(9, 10), layout="constrained")
    losses, accuracies, scores = figure.subplots(3, 1, sharex=True)
    _plot(losses, "loss", groups, "statistics", [name for name in names if "accuracy" not in name])
    _plot(accuracies, "discriminator accuracy", groups, "statistics", [n for n in names if "accuracy" in n])
    _plot(scores, "score of 1,000 images", epochs, "scores", shares)
    for axis in (accuracies, scores):
        axis.set_ylim(0, 1)
    scores.set_xlabel("epoch")
    with atomic_file(path) as stream:
        figure.savefig(stream, format="png", dpi=100)


def _plot(axis: Any, title: str, lines: Sequence[Mapping[str, Any]], kind: str, names: Sequence[str]) -> None:
    for name in names:
        values = [line[kind].get(name, np.nan) for line in lines]
        axis.plot([line["epoch"] for line in lines], values, label=name.replace("_", " "), linewidth=1)
    if names:
        axis.legend(loc="lower right", fontsize=8)
    axis.set_ylabel(title)
    axis.grid(alpha=0.3)

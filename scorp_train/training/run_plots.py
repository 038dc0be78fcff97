"""Pictures of a training: sample grids and curves."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime.files.atomic import atomic_file

GAP = 12
SCALE = 2
# A statistic of networks that grow; it is marked, and no curve of its own.
RESOLUTION = "resolution"
# The scores that are shares of pictures.
SHARES = ("label_accuracy", "digit_accuracy", "capital_accuracy", "precision", "recall", "coverage")


def in_rows(images: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """A grid of pictures, row by row: uint8 (rows * columns, H, W) -> (rows * H, columns * W)."""
    height, width = images.shape[1:]
    columns = len(images) // rows
    return images.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def save_samples(path: Path, made: NDArray[np.uint8], real: NDArray[np.uint8], rows: int) -> None:
    """Writes generated digits on the left and real ones on the right, dark ink on white, both (rows * n, H, W)."""
    left, right = in_rows(made, rows), in_rows(real, rows)
    gap = np.zeros((len(left), GAP), np.uint8)
    sheet = Image.fromarray(255 - np.concatenate([left, gap, right], 1))
    with atomic_file(path) as stream:
        sheet.resize((sheet.width * SCALE, sheet.height * SCALE), Image.Resampling.NEAREST).save(
            stream, "PNG"
        )


def save_curves(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Draws the log of a run against epochs: losses, the discriminator's accuracies, and the scores of each epoch."""
    from .plotting import Figure, FigureCanvasAgg

    groups = [line for line in lines if line["kind"] == "group"]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    figure = Figure(figsize=(9, 10), layout="constrained")
    FigureCanvasAgg(figure)
    losses, accuracies, scores = figure.subplots(3, 1, sharex=True)
    # In order of appearance: a training in stages logs other things in each.
    names = list(dict.fromkeys(name for line in groups for name in line["statistics"]))
    shares = [name for name in names if "accuracy" in name]
    others = [name for name in names if name not in (*shares, RESOLUTION)]
    _plot(losses, groups, "statistics", others, 1)
    _plot(accuracies, groups, "statistics", shares, 100)
    _plot(scores, epochs, "scores", [name for name in SHARES if name in epochs[-1]["scores"]], 100)
    losses.set_ylabel("loss")
    accuracies.set_ylabel("discriminator is right, %")
    scores.set_ylabel("score of 1,000 pictures, %")
    scores.set_xlabel("epoch")
    for axis in (accuracies, scores):
        axis.set_ylim(0, 100)
    for epoch in _rises(groups):
        for axis in (losses, accuracies, scores):
            axis.axvline(epoch, color="grey", linestyle=":", linewidth=1)
    with atomic_file(path) as stream:
        figure.savefig(stream, format="png", dpi=100)


def _rises(groups: Sequence[Mapping[str, Any]]) -> list[float]:
    """The epochs in which a network went on to a higher resolution."""
    sides = [(line["epoch"], line["statistics"].get(RESOLUTION, 0)) for line in groups]
    whole = [(epoch, side) for epoch, side in sides if side == int(side)]  # not the mean of two
    return [epoch for (_, before), (epoch, side) in pairwise(whole) if before != side]


def _plot(
    axis: Any, lines: Sequence[Mapping[str, Any]], kind: str, names: Sequence[str], factor: int
) -> None:
    for name in names:
        values = [factor * line[kind].get(name, np.nan) for line in lines]
        axis.plot([line["epoch"] for line in lines], values, label=name.replace("_", " "), linewidth=1)
    if names:
        axis.legend(loc="lower right", fontsize=8)
    axis.grid(alpha=0.3)

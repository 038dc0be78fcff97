"""Image files of a training: sample sheets and curves."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime.files.atomic import whole_file

GAP = 12  # pixels between generated and real images
SCALE = 2
RESOLUTION = "resolution"
"""A statistic of models that grow: its rises are marked, and it has no curve."""
# Scores that are shares of images.
SHARES = ("label_accuracy", "digit_accuracy", "capital_accuracy", "precision", "recall", "coverage")


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
    with whole_file(path) as stream:
        sheet.resize(size, Image.Resampling.NEAREST).save(stream, "PNG")


def save_curves(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Plot the log of a run by epoch: losses, the discriminator's accuracies, and the scores of each epoch."""
    from .plotting import Figure

    groups = [line for line in lines if line["kind"] == "group"]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    # In order of appearance: stages log different statistics.
    names = list(dict.fromkeys(name for line in groups for name in line["statistics"] if name != RESOLUTION))
    panels = (
        ("loss", groups, "statistics", [name for name in names if "accuracy" not in name]),
        ("discriminator accuracy, %", groups, "statistics", [name for name in names if "accuracy" in name]),
        (
            "score of 1,000 images, %",
            epochs,
            "scores",
            [name for name in SHARES if name in epochs[-1]["scores"]],
        ),
    )
    figure = Figure(figsize=(9, 10), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True)
    for axis, (title, panel_lines, kind, shown) in zip(axes, panels, strict=True):
        percent = title.endswith("%")
        x = [line["epoch"] for line in panel_lines]
        for name in shown:
            values = np.array([line[kind].get(name, np.nan) for line in panel_lines])
            axis.plot(x, values * (100 if percent else 1), label=name.replace("_", " "), linewidth=1)
        if shown:
            axis.legend(loc="lower right", fontsize=8)
        if percent:
            axis.set_ylim(0, 100)
        for epoch in _rises(groups):
            axis.axvline(epoch, color="grey", linestyle=":", linewidth=1)
        axis.set_ylabel(title)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("epoch")
    with whole_file(path) as stream:
        figure.savefig(stream, format="png", dpi=100)


def _rises(groups: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the epochs in which a model moved on to a higher resolution."""
    sides = [(line["epoch"], line["statistics"].get(RESOLUTION, 0)) for line in groups]
    settled = [(epoch, side) for epoch, side in sides if side == int(side)]  # not the mean of two
    return [epoch for (_, before), (epoch, side) in pairwise(settled) if before != side]

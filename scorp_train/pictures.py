"""Pictures of a training: sample grids and curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime.atomic import whole_file

GAP = 12
SCALE = 2


def class_rows(images: NDArray[np.uint8], classes: int) -> NDArray[np.uint8]:
    """A grid with one row per class: uint8 (classes * columns, H, W), ordered by class -> (rows, columns) of ink."""
    height, width = images.shape[1:]
    columns = len(images) // classes
    return (
        images.reshape(classes, columns, height, width)
        .swapaxes(1, 2)
        .reshape(classes * height, columns * width)
    )


def save_samples(path: Path, made: NDArray[np.uint8], real: NDArray[np.uint8], classes: int) -> None:
    """Writes generated digits on the left and real ones on the right, dark ink on white, both (classes * n, H, W)."""
    left, right = class_rows(made, classes), class_rows(real, classes)
    gap = np.zeros((len(left), GAP), np.uint8)
    sheet = Image.fromarray(255 - np.concatenate([left, gap, right], 1))
    with whole_file(path) as stream:
        sheet.resize((sheet.width * SCALE, sheet.height * SCALE), Image.Resampling.NEAREST).save(
            stream, "PNG"
        )


def save_curves(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Draws the logged statistics against epochs: losses above, shares (names with `accuracy`) below."""
    # Not pyplot: it keeps global state and may look for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(lines[0]["statistics"]) if lines else []
    shares = [name for name in names if "accuracy" in name]
    figure = Figure(figsize=(9, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1, sharex=True)
    epochs = [line["epoch"] for line in lines]
    for axis, chosen, factor in ((axes[0], [n for n in names if n not in shares], 1), (axes[1], shares, 100)):
        for name in chosen:
            values = [factor * line["statistics"].get(name, np.nan) for line in lines]
            axis.plot(epochs, values, label=name.replace("_", " "), linewidth=1)
        axis.legend(loc="upper right", fontsize=8)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("loss")
    axes[1].set_ylabel("share, %")
    axes[1].set_ylim(0, 100)
    axes[1].set_xlabel("epoch")
    with whole_file(path) as stream:
        figure.savefig(stream, format="png", dpi=100)

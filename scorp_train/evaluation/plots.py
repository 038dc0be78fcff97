"""The sheets and plots of a report, as PNG."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scorp_train.measures.style import STYLE_NAMES
from scorp_train.training.plotting import Axes, Figure

from .report import Report

GENERATED, REAL = "#1f5fa8", "#d98324"
_SCALE = 2


def draw_images(report: Report, fields: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the sheets and plots of a report, PNG by name; `fields` are its plain values."""
    sheets = {
        name: sheet_png(images)
        for section in report.sections
        for name, images in section.images.items()
        if images.size
    }
    details = fields["details"]
    plots = {
        "class_balance": _class_balance(details["diversity"]),
        "styles": _styles(details["diversity"]),
        "robustness": _robustness(details["robustness"]),
        "use": _use(fields["figures"]),
    }
    if "control" in details:
        plots["control"] = _control(details["control"])
    return sheets | {name: figure_png(figure) for name, figure in plots.items()}


def sheet_png(images: NDArray[np.uint8]) -> bytes:
    """Return a sheet of images uint8 (rows, columns, H, W) as PNG, black on white, at twice the size."""
    rows, columns, height, width = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    sheet = padded.transpose(0, 2, 1, 3).reshape(rows * (height + 2), columns * (width + 2))
    buffer = io.BytesIO()
    Image.fromarray(255 - sheet.repeat(_SCALE, 0).repeat(_SCALE, 1)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def figure_png(figure: Figure) -> bytes:
    """Return a figure as PNG, without the version of matplotlib, so that equal figures have equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def panels(
    rows: int, columns: int, width: float, height: float, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `width` by `height` inches with `rows` times `columns` axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, sharey=sharey, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    return figure, list(axes.flat)


def _class_balance(diversity: Mapping[str, Any]) -> Figure:
    figure, (axis,) = panels(1, 1, 7.5, 2.4)
    places = np.arange(len(diversity["classes"]))
    for offset, key, colour, name in ((-0.2, "read", GENERATED, "generated"), (0.2, "test", REAL, "real")):
        counts = np.array(diversity[key], float)
        axis.bar(places + offset, counts / max(counts.sum(), 1), 0.4, color=colour, label=name)
    axis.set_xticks(places, diversity["classes"])
    axis.set_ylabel("share, as the judge reads", fontsize=8)
    axis.legend(fontsize=8, frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, 1.2))
    return figure


def _styles(diversity: Mapping[str, Any]) -> Figure:
    figure, axes = panels(1, len(STYLE_NAMES), 10, 2.3)
    units = {"slant": "degrees"}
    for axis, name in zip(axes, STYLE_NAMES, strict=True):
        style = diversity["styles"][name]
        axis.stairs(style["test"], style["edges"], color=REAL, fill=True, alpha=0.45)
        axis.stairs(style["sample"], style["edges"], color=GENERATED)
        axis.set_title(f"{name} ({units.get(name, 'px')})", fontsize=9)
        axis.set_yticks([])
    return figure


def _robustness(robustness: Mapping[str, Any]) -> Figure:
    curves = robustness["curves"]
    figure, axes = panels(4, 4, 10, 7)
    for axis, name in zip(axes, curves["sample"], strict=True):
        axis.plot(robustness["severities"], curves["test"][name], color=REAL, marker=".")
        axis.plot(robustness["severities"], curves["sample"][name], color=GENERATED, marker=".")
        axis.set_ylim(0, 1.03)
        axis.set_title(name.replace("_", " "), fontsize=9)
    return figure


def _use(metrics: Mapping[str, Mapping[str, Any]]) -> Figure:
    names = [name for name in metrics if name.startswith("use_")]
    figure, (axis,) = panels(1, 1, 7.5, 0.5 + 0.42 * len(names))
    for row, name in enumerate(names):
        real, value = metrics[name]["real"], metrics[name]["value"]
        axis.plot([real, value], [row, row], color="#bbbbbb", zorder=1)
        axis.scatter(real, row, color=REAL, zorder=2)
        axis.scatter(value, row, color=GENERATED, zorder=3)
    axis.set_yticks(range(len(names)), [metrics[name]["title"] for name in names])
    axis.invert_yaxis()
    axis.set_xlabel("accuracy on real test images", fontsize=8)
    axis.grid(axis="x", alpha=0.3)
    return figure


def _control(control: Mapping[str, Any]) -> Figure:
    knobs = control["knobs"]
    figure, axes = panels(1, len(knobs) + 1, 3 * (len(knobs) + 1), 2.8)
    for axis, (name, knob) in zip(axes, knobs.items(), strict=False):
        low, high = knob["asked"][0], knob["asked"][-1]
        axis.plot([low, high], [low, high], color="#bbbbbb", linestyle="--")
        axis.errorbar(knob["asked"], knob["measured"], knob["deviation"], color=GENERATED, capsize=2)
        axis.set_title(f"{name}: requested, measured", fontsize=9)
    _stability(axes[-1], control["nudges"], control["stability"])
    return figure


def _stability(axis: Axes, nudges: Sequence[float], stability: Mapping[str, Sequence[float]]) -> None:
    axis.plot(nudges, stability["ssim"], color=GENERATED, marker=".", label="SSIM")
    axis.plot(nudges, stability["same_class"], color="#555555", marker=".", label="read the same")
    axis.set_ylim(0, 1.03)
    axis.set_title("after a nudge of the noise", fontsize=9)
    axis.legend(fontsize=8, frameon=False)

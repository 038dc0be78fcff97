"""A comparison as Markdown, as JSON, and in pictures."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_train.files import make_folder
from scorp_train.training.plotting import Figure, FigureCanvasAgg

from .comparison import Result
from .templating import render

# The figures of the table, by aspect; the rest is in the JSON.
ROWS: Mapping[str, tuple[str, ...]] = {
    "Fidelity": ("label_accuracy", "frechet_distance", "precision", "nearest_ssim", "specks"),
    "Diversity": ("recall", "coverage", "intra_class_ssim", "close_siblings", "class_entropy"),
    "Robustness": ("corrupted_accuracy", "nudge_ssim"),
    "Realism": ("two_sample_auc", "two_sample_neighbour"),
    "Use": ("use_all",),
}
# Figures that say nothing of a model of some classes only: there is nothing to tell apart.
_OF_ALL_CLASSES = ("use_all", "class_entropy")
_CHART = ("frechet_distance", "recall", "corrupted_accuracy", "two_sample_auc", "use_all")
_SHEETS = "sheet"


@dataclass(frozen=True)
class Comparison:
    """What was measured, with which settings, by which command."""

    results: tuple[Result, ...]
    settings: Mapping[str, object]
    command: str


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Writes `comparison.md`, `comparison.json` and the pictures, each whole or not at all. Raises `OutputError`."""
    make_folder(folder)
    files = {f"{_SHEETS}-{result.title}.png": result.sheet for result in comparison.results}
    files["figures.png"] = _chart(comparison.results)
    files["comparison.json"] = (json.dumps(_fields(comparison), indent=1, allow_nan=False) + "\n").encode()
    files["comparison.md"] = format_comparison(comparison).encode()
    write_files({folder / name: content for name, content in files.items()})


def format_comparison(comparison: Comparison) -> str:
    """Return the report in Markdown."""
    results = comparison.results
    return render(
        "comparison.md.j2",
        results=results,
        settings=comparison.settings,
        command=comparison.command,
        table=[(aspect, list(_rows(results, names))) for aspect, names in ROWS.items()],
        stable=[result for result in results if result.stability is not None],
    )


def _rows(results: Sequence[Result], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield one row of the table for each metric that a result has."""
    reference = next((result for result in results if not result.info["partial"]), results[0])
    for name in names:
        known = [each.fields["figures"][name] for each in results if name in each.fields["figures"]]
        if known:
            yield {
                "title": known[0]["title"],
                "better": known[0]["better"],
                "cells": [_value(result, name) for result in results],
                "real": reference.fields["figures"].get(name, known[0])["real"],
            }


def _value(result: Result, name: str) -> float | None:
    if result.info["partial"] and name in _OF_ALL_CLASSES:
        return None
    value: float | None = result.fields["figures"].get(name, {"value": None})["value"]
    return value


def _fields(comparison: Comparison) -> dict[str, Any]:
    return {
        "settings": dict(comparison.settings),
        "command": comparison.command,
        "models": {
            result.title: {
                "info": dict(result.info),
                "figures": result.fields["figures"],
                "costs": asdict(result.costs),
                "stability": None if result.stability is None else asdict(result.stability),
            }
            for result in comparison.results
        },
    }


def _chart(results: Sequence[Result]) -> bytes:
    """A panel for each key figure: a bar for each model, and real handwriting as a line."""
    figure = Figure(figsize=(2.6 * len(_CHART), 0.4 * len(results) + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    shown = [result for result in results if not result.info["partial"]] or list(results)
    titles = [result.title for result in shown][::-1]
    for axis, name in zip(
        figure.subplots(1, len(_CHART), sharey=True, squeeze=False)[0], _CHART, strict=True
    ):
        known = shown[0].fields["figures"][name]
        axis.barh(titles, [_value(result, name) or 0.0 for result in shown][::-1], color="#1f5fa8")
        axis.axvline(known["real"], color="#d98324")
        axis.set_title(f"{known['title']}\n({known['better']})", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()

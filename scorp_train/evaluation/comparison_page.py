"""A comparison as Markdown, JSON and images."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_train.files import make_folder
from scorp_train.templating import render

from .comparison import Result
from .plots import figure_png, panels

# The metrics in the table, by section; the JSON has all.
ROWS: Mapping[str, tuple[str, ...]] = {
    "Fidelity": ("label_accuracy", "frechet_distance", "precision", "nearest_ssim", "specks"),
    "Diversity": ("recall", "coverage", "intra_class_ssim", "close_siblings", "class_entropy"),
    "Robustness": ("corrupted_accuracy", "nudge_ssim"),
    "Realism": ("two_sample_auc", "two_sample_neighbour"),
    "Use": ("use_all",),
}
_OF_ALL_CLASSES = ("use_all", "class_entropy")  # meaningless for a model that lacks some classes
_CHART = ("frechet_distance", "recall", "corrupted_accuracy", "two_sample_auc", "use_all")


def write_comparison(
    folder: Path, results: Sequence[Result], settings: Mapping[str, object], command: str
) -> None:
    """Write `comparison.md`, `comparison.json` and the images, each completely or not at all. Raises `OutputError`."""
    make_folder(folder)
    files = {f"sheet-{result.title}.png": result.sheet for result in results}
    files["figures.png"] = _chart(results)
    models = {result.title: _fields(result) for result in results}
    fields = {"settings": dict(settings), "command": command, "models": models}
    files["comparison.json"] = (json.dumps(fields, indent=1, allow_nan=False) + "\n").encode()
    files["comparison.md"] = format_comparison(results, settings, command).encode()
    write_files({folder / name: content for name, content in files.items()})


def format_comparison(results: Sequence[Result], settings: Mapping[str, object], command: str) -> str:
    """Return the comparison as Markdown."""
    return render(
        "scorp_train.evaluation",
        "comparison.md.j2",
        results=results,
        settings=settings,
        command=command,
        table=[(section, list(_rows(results, names))) for section, names in ROWS.items()],
        stable=[result for result in results if result.stability is not None],
    )


def _rows(results: Sequence[Result], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield a row of the table for each metric that a result has."""
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


def _fields(result: Result) -> dict[str, Any]:
    return {
        "info": dict(result.info),
        "figures": result.fields["figures"],
        "costs": asdict(result.costs),
        "stability": None if result.stability is None else asdict(result.stability),
    }


def _chart(results: Sequence[Result]) -> bytes:
    """Draw a panel for each key metric: a bar for each model, and real images as a line."""
    shown = [result for result in results if not result.info["partial"]] or list(results)
    titles = [result.title for result in shown][::-1]
    figure, axes = panels(1, len(_CHART), 2.6 * len(_CHART), 0.4 * len(results) + 1.2, sharey=True)
    for axis, name in zip(axes, _CHART, strict=True):
        known = shown[0].fields["figures"][name]
        axis.barh(titles, [_value(result, name) or 0.0 for result in shown][::-1], color="#1f5fa8")
        axis.axvline(known["real"], color="#d98324")
        axis.set_title(f"{known['title']}\n({known['better']})", fontsize=8)
    return figure_png(figure)

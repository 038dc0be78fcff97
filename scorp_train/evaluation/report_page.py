"""The report as one HTML page that asks nobody for anything."""

import base64
from collections.abc import Mapping
from typing import Any

from .templating import render

# Where each picture belongs, and what it shows.
CAPTIONS = {
    "sheet_generated": ("fidelity", "Generated"),
    "sheet_real": ("fidelity", "Real test digits"),
    "misread": ("fidelity", "Read otherwise than labelled, the surest first"),
    "class_balance": ("diversity", "Classes, as the judge reads them"),
    "styles": ("diversity", "Distributions of style: generated as a line, real filled"),
    "robustness": ("robustness", "Accuracy by severity: generated blue, real orange"),
    "nearest_training": (
        "memorisation",
        "The pictures nearest to a training digit (above) and those digits (below)",
    ),
    "control": ("control", "Knobs and noise"),
    "knob_thickness": ("control", "Thickness from end to end"),
    "knob_slant": ("control", "Slant from end to end"),
    "knob_width": ("control", "Width from end to end"),
    "knob_height": ("control", "Height from end to end"),
    "use": ("use", "Trained on generated (blue) and on real digits (orange)"),
}
_SHEETS = ("sheet", "misread", "nearest", "knob")  # of digits; the others are plots
HIGHLIGHTS = ("label_accuracy", "frechet_distance", "precision", "recall", "coverage", "use_all")


def data_uri(png: bytes) -> str:
    """A PNG as an address that holds its own content."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def render_page(report: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """The HTML of a report's fields and pictures (PNG by name)."""
    shown = [
        {
            "section": section,
            "caption": caption,
            "digits": name.startswith(_SHEETS),
            "source": data_uri(pictures[name]),
        }
        for name, (section, caption) in CAPTIONS.items()
        if name in pictures
    ]
    highlights = [report["figures"][name] for name in HIGHLIGHTS if name in report["figures"]]
    return render("report.html.j2", report=report, pictures=shown, highlights=highlights)

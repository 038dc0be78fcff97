"""The report as one HTML page that loads nothing from elsewhere."""

import base64
from collections.abc import Mapping
from typing import Any

from scorp_train.templating import render

# The section of each sheet and plot, and its caption.
CAPTIONS = {
    "sheet_generated": ("fidelity", "Generated"),
    "sheet_real": ("fidelity", "Real test images"),
    "misread": ("fidelity", "Not read as labelled, the most confident first"),
    "class_balance": ("diversity", "Classes, as the judge reads them"),
    "styles": ("diversity", "Distributions of style: generated as a line, real filled"),
    "robustness": ("robustness", "Accuracy by severity: generated blue, real orange"),
    "nearest_training": (
        "memorisation",
        "The images nearest to a training image (above) and that image (below)",
    ),
    "control": ("control", "Knobs and noise"),
    "knob_thickness": ("control", "Thickness from lowest to highest"),
    "knob_slant": ("control", "Slant from lowest to highest"),
    "knob_width": ("control", "Width from lowest to highest"),
    "knob_height": ("control", "Height from lowest to highest"),
    "use": ("use", "Trained on generated (blue) and on real images (orange)"),
}
_SHEETS = ("sheet", "misread", "nearest", "knob")  # the others are plots
HIGHLIGHTS = ("label_accuracy", "frechet_distance", "precision", "recall", "coverage", "use_all")


def render_page(fields: Mapping[str, Any], images: Mapping[str, bytes]) -> str:
    """Return the HTML of a report's fields and images (PNG by name)."""
    shown = [
        {
            "section": section,
            "caption": caption,
            "is_sheet": name.startswith(_SHEETS),
            "source": f"data:image/png;base64,{base64.b64encode(images[name]).decode('ascii')}",
        }
        for name, (section, caption) in CAPTIONS.items()
        if name in images
    ]
    highlights = [fields["figures"][name] for name in HIGHLIGHTS if name in fields["figures"]]
    return render(
        "scorp_train.evaluation", "report.html.j2", report=fields, images=shown, highlights=highlights
    )

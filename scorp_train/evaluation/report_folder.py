"""The folder of a report: its values, page and images, and the blind test with its key."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_runtime.files.decoding import decoding
from scorp_train.data import DataError
from scorp_train.files import make_folder
from scorp_train.templating import render

from .human_test import HumanTest
from .report_json import FORMAT

_REPORT, _KEY, _IMAGES = "report.json", "blind-key.json", "pictures"
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


@dataclass(frozen=True)
class ReportFolder:
    """A directory for a report."""

    path: Path

    def write(
        self, fields: Mapping[str, Any], images: Mapping[str, bytes], test: HumanTest | None = None
    ) -> None:
        """Write all files, each completely or not at all. Raises `OutputError`."""
        make_folder(self.path / _IMAGES)
        files = {f"{_IMAGES}/{name}.png": png for name, png in images.items()}
        files[_REPORT] = _json(fields)
        files["report.html"] = render_page(fields, images).encode()
        if test is not None:
            files["blind.html"] = test.html.encode()
            files[_KEY] = _json(test.key_fields())
        write_files({self.path / name: content for name, content in files.items()})

    def read_fields(self) -> dict[str, Any]:
        """Return the report's values. Raises `DataError`."""
        fields = self._read_json(_REPORT)
        if fields.get("format") != FORMAT:
            raise DataError(f"{self.path / _REPORT} is not a report of format {FORMAT}")
        return fields

    def read_images(self) -> dict[str, bytes]:
        """Return the images in the folder, PNG by name."""
        paths = {name: self.path / _IMAGES / f"{name}.png" for name in CAPTIONS}
        return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}

    def read_key(self) -> tuple[str, tuple[bool, ...]]:
        """Return the name of the blind test, and which of its images were generated. Raises `DataError`."""
        key = self._read_json(_KEY)
        with decoding(DataError, self.path / _KEY):
            return str(key["page"]), tuple(bool(flag) for flag in key["generated"])

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            value = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(
                f"no report in {self.path}: {error}; run scorp-eval MODEL --report {self.path}"
            ) from error
        if not isinstance(value, dict):
            raise DataError(f"{self.path / name} is damaged")
        return value


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def render_page(fields: Mapping[str, Any], images: Mapping[str, bytes]) -> str:
    """Return the HTML page of a report's fields and images (PNG by name)."""
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

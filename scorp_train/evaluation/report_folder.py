"""The folder of a report: its values, page and images, and the blind test with its key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_runtime.files.decoding import decoding
from scorp_train.data import DataError
from scorp_train.files import make_folder

from .human_test import HumanTest
from .report_json import FORMAT
from .report_page import CAPTIONS, render_page

_REPORT, _KEY, _IMAGES = "report.json", "blind-key.json", "pictures"


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

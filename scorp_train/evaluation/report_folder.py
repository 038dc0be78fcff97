"""The folder of a report: figures, page, pictures, and the blind page with its key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_runtime.files.decoding import decoding
from scorp_train.data import DataError
from scorp_train.files import make_folder

from .human_test import Blind
from .report_json import FORMAT
from .report_page import CAPTIONS, render_page

_REPORT, _PAGE, _BLIND, _KEY, _PICTURES = (
    "report.json",
    "report.html",
    "blind.html",
    "blind-key.json",
    "pictures",
)


@dataclass(frozen=True)
class ReportFolder:
    """A directory that holds a report, or will."""

    path: Path

    def write(
        self, fields: Mapping[str, Any], pictures: Mapping[str, bytes], blind: Blind | None = None
    ) -> None:
        """Write all files, each whole or not at all. Raises `OutputError`."""
        make_folder(self.path / _PICTURES)
        files = {f"{_PICTURES}/{name}.png": png for name, png in pictures.items()}
        files[_REPORT] = _json(fields)
        files[_PAGE] = render_page(fields, pictures).encode()
        if blind is not None:
            files[_BLIND] = blind.html.encode()
            files[_KEY] = _json(blind.key_fields())
        write_files({self.path / name: content for name, content in files.items()})

    def read_fields(self) -> dict[str, Any]:
        """The figures. Raises `DataError`."""
        fields = self._read_json(_REPORT)
        if fields.get("format") != FORMAT:
            raise DataError(f"{self.path / _REPORT} is no report of format {FORMAT}")
        return fields

    def read_pictures(self) -> dict[str, bytes]:
        """The pictures that are there, PNG by name."""
        paths = {name: self.path / _PICTURES / f"{name}.png" for name in CAPTIONS}
        return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}

    def read_key(self) -> tuple[str, tuple[bool, ...]]:
        """Name of the blind page, and which of its digits were generated. Raises `DataError`."""
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

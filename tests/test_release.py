"""Tests of the release checks."""

import zipfile
from pathlib import Path

import pytest

RELEASE = Path(__file__).resolve().parents[1] / "release"


@pytest.fixture(autouse=True)
def _release_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RELEASE))


def test_missing_and_unexpected_files_are_named(tmp_path: Path) -> None:
    import contents

    tracked = {"scorp_runtime/cli/main.py", "scorp_runtime/py.typed", "exported/digits.onnx", "docs/index.md"}
    wheel = tmp_path / "scorp_runtime-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        for name in ("cli/main.py", "exported/digits.onnx", "runs/last.pt"):
            opened.writestr(f"scorp_runtime/{name}", "")
    lines = contents.faults([wheel], tracked)
    assert f"{wheel.name}: scorp_runtime/py.typed is missing" in lines
    assert f"{wheel.name}: scorp_runtime/runs/last.pt is unexpected" in lines
    assert f"{wheel.name}: scorp_runtime-1.0.dist-info/licenses/LICENSE is missing" in lines
    assert not [line for line in lines if "docs/index.md" in line or "cli/main.py" in line]


def test_version_and_date_of_the_change_log_are_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import versions

    for path in versions.SOURCES:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text('__version__ = "1.2.3"\n')
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    log = tmp_path / "CHANGELOG.md"
    log.write_text("# Changes\n\n## 1.2.3 - unreleased\n")
    assert versions.source_faults() == ["CHANGELOG.md: 1.2.3 is unreleased"]
    log.write_text("# Changes\n\n## 1.2.2 - 2026-01-01\n")
    assert versions.source_faults() == ["CHANGELOG.md begins with 1.2.2, not 1.2.3"]
    log.write_text("# Changes\n\n## 1.2.3 - 2026-01-02\n")
    assert versions.source_faults() == []


def test_dependencies_are_tested_with_existing_files() -> None:
    import floors

    for trial in floors.TRIALS.values():
        assert [path for path in trial.tests if not (floors.ROOT / path).exists()] == []

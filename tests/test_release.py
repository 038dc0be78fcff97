"""The gates of a release see what they are there for."""

import zipfile
from pathlib import Path

import pytest

RELEASE = Path(__file__).resolve().parents[1] / "release"


@pytest.fixture
def contents(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(RELEASE))
    import contents

    return contents


def test_a_file_too_many_or_too_few_is_named(contents, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    tracked = {"scorp_runtime/cli/main.py", "scorp_runtime/py.typed", "exported/digits.onnx", "docs/index.md"}
    wheel = tmp_path / "scorp_runtime-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        for name in (
            "scorp_runtime/cli/main.py",
            "scorp_runtime/exported/digits.onnx",
            "scorp_runtime/runs/last.pt",
        ):
            opened.writestr(name, "")
    lines = contents.faults([wheel], tracked)
    assert f"{wheel.name} lacks scorp_runtime/py.typed" in lines
    assert f"{wheel.name} has scorp_runtime/runs/last.pt too many" in lines
    assert not [line for line in lines if "docs/index.md" in line or "scorp_runtime/cli/main.py" in line]
    assert [line for line in lines if line.endswith("lacks scorp_runtime-1.0.dist-info/licenses/LICENSE")]


def test_a_version_without_a_date_is_not_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(RELEASE))
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

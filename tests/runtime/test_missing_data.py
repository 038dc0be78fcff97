"""Errors name the package file that a frozen or damaged installation lacks."""

from pathlib import Path

import pytest

from scorp_runtime import Generator, ModelError, ScorpError
from scorp_runtime.cli.main import main
from scorp_runtime.model import bundled
from scorp_runtime.web import server


@pytest.mark.parametrize("folder_exists", [True, False])
def test_a_missing_model_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder_exists: bool,
) -> None:
    folder = tmp_path / "models"
    if folder_exists:
        folder.mkdir()
    monkeypatch.setattr(bundled, "_bundled_folder", lambda: folder)
    with pytest.raises(ModelError) as caught:
        Generator()
    assert str(folder / "digits.onnx") in str(caught.value)
    assert main(["7", str(tmp_path / "seven.png")]) == 3
    assert str(folder / "digits.onnx") in capsys.readouterr().err
    with pytest.raises(ModelError):
        Generator("digitz")


def test_a_missing_page_is_named(tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "files", lambda package: tmp_path)
    with pytest.raises(ScorpError) as caught:
        server.PageServer(Generator(tiny_path), 0)
    assert str(tmp_path / "page" / "index.html") in str(caught.value)

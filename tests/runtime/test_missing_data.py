"""Errors name the file or the library that an installation lacks."""

import os
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime import Generator, ModelError, ScorpError
from scorp_runtime.model import bundled
from scorp_runtime.web import server


@pytest.mark.parametrize("folder_exists", [True, False])
def test_a_missing_model_is_named(
    fails: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder_exists: bool
) -> None:
    folder = tmp_path / "models"
    if folder_exists:
        folder.mkdir()
    monkeypatch.setattr(bundled, "_bundled_folder", lambda: folder)
    assert str(folder / "digits.onnx") in fails(3, "7", "seven.png", model=None)
    with pytest.raises(ModelError):
        Generator("digitz")


def test_a_missing_page_is_named(tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PAGE", tmp_path / "page")
    with pytest.raises(ScorpError) as caught:
        server.PageServer(Generator(tiny_path), 0)
    assert str(tmp_path / "page" / "index.html") in str(caught.value)


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        ("7 a.parquet", "pyarrow", "parquet"),
        ("7 a/ --engine dask", "distributed", "dask"),
        ("7 a/ --engine ray", "ray", "ray"),
        ("--print-completion bash", "shtab", "completion"),
    ],
)
def test_a_missing_library_is_named_and_nothing_is_written(
    fails: Any, tmp_path: Path, environment: dict[str, str], words: str, module: str, extra: str
) -> None:
    hidden, here = tmp_path / "hidden", tmp_path / "here"
    hidden.mkdir()
    here.mkdir()
    (hidden / f"{module}.py").write_text(f"raise ModuleNotFoundError(name={module!r})")
    without = {**environment, "PYTHONPATH": f"{hidden}{os.pathsep}{environment['PYTHONPATH']}"}
    assert f"pip install 'scorp-runtime[{extra}]'" in fails(1, *words.split(), env=without, cwd=here)
    assert list(here.iterdir()) == []

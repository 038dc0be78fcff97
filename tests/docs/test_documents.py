"""The Python of README and docs runs, and what they point to is there."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime.cli.main import main as scorp_gen

ROOT = Path(__file__).resolve().parents[2]


def test_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python_document: Path) -> None:
    """The blocks of a document follow each other, as a reader would type them."""
    folder = tmp_path / "digits"
    asked = "0-9 -n 20 --seed 1 --format tar --shard 0/2"
    assert scorp_gen([*asked.split(), f"{folder}/"]) == 0
    torch_data = import_module("torch.utils.data")
    names: dict[str, Any] = {
        "torch": import_module("torch"),
        "DataLoader": torch_data.DataLoader,
        "your_map": map,
    }
    names |= {"rank": 0, "world": 1, "k": 10**9 - 500}  # near the end of the billion
    monkeypatch.chdir(tmp_path)
    text = python_document.read_text("utf-8").replace("/shared/digits", str(folder))
    if find_spec("tensorflow") is None:
        text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("dataset.tf()"))
    for block in text.split("```python\n")[1:]:
        exec(compile(block.split("```")[0], str(python_document), "exec"), names)


def test_a_link_leads_somewhere(document: Path, link: str) -> None:
    assert (document.parent / link).exists()


def test_the_picture_of_hands_is_what_its_script_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["", str(tmp_path / "hands.png")])
    run_path(str(ROOT / "benchmarks/sequences_picture.py"), run_name="__main__")
    assert pixels(tmp_path / "hands.png") == pixels(ROOT / "docs/sequences.png")


def pixels(path: Path) -> list[list[int]]:
    shown: list[list[int]] = np.asarray(Image.open(path)).tolist()
    return shown

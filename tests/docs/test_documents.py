"""What README and docs tell to type is understood, their Python runs, and what they point to is there."""

import shlex
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime.cli import main as scorp_gen
from scorp_runtime.manners import OneLineParser
from scorp_runtime.options import read_options

ROOT = Path(__file__).resolve().parents[2]
MAINS = {
    "scorp-train": "scorp_train.cli",
    "scorp-export": "scorp_train.export.cli",
    "scorp-eval": "scorp_train.evaluation.cli",
    "scorp_train": "scorp_train.cli",
    "scorp_train.judge": "scorp_train.judge.__main__",
    "scorp_train.data.cases": "scorp_train.data.cases",
    "scorp_train.sheet": "scorp_train.sheet",
    "scorp_runtime.golden": "scorp_runtime.golden",
}
EXPANDED = {"$model": "mlp", "$seed": "0", "$SLURM_ARRAY_TASK_ID": "0", "--format F ": "--format tar "}


class _UnderstoodError(Exception):
    """Raised once a command line is read, in place of what it asks for."""


def test_a_command_is_understood(document: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the program's own parser: doing what they say would train for hours, serve, or fetch."""
    program, *words = _expanded(command)
    name = Path(program).name
    if name == "scorp-gen":
        assert read_options(words)
    elif name in MAINS:
        _parse(MAINS[name], words, monkeypatch)
    elif words[0] == "-m" and words[1] in MAINS:
        _parse(MAINS[words[1]], words[2:], monkeypatch)
    elif words[0] == "-m":
        assert find_spec(words[1])
    elif not words[0].startswith("-"):
        assert (ROOT / words[0]).is_file()


def _expanded(command: str) -> list[str]:
    for variable, value in EXPANDED.items():
        command = command.replace(variable, value)
    return shlex.split(command)


def _parse(module: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    read = OneLineParser.parse_args

    def stop(parser: OneLineParser, *arguments: Any, **more: Any) -> Any:
        read(parser, *arguments, **more)
        raise _UnderstoodError

    if module == MAINS["scorp-train"]:  # which says itself what it would do
        assert import_module(module).main([*words, "--dry-run"]) == 0
        return
    monkeypatch.setattr(OneLineParser, "parse_args", stop)
    entry = "run_compare" if words[:1] == ["compare"] else "_run"
    if entry == "run_compare":
        module, words = "scorp_train.evaluation.compare_cli", words[1:]
    with pytest.raises(_UnderstoodError):
        getattr(import_module(module), entry)(words)


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

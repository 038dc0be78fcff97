"""The tutorial from scans to a model, command by command, on made-up scans and with a training of seconds."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from scorp_runtime import Generator
from scorp_train.cli.scan_sheet import BORDER, CELL

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "own-handwriting.md"
COLUMNS = 12


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def run(words: list[str], folder: Path) -> None:
    """One command as a shell would run it there."""
    modules = {
        "scorp-train": "scorp_train",
        "scorp-gen": "scorp_runtime",
        "scorp-sheet": "scorp_train.cli.scan_sheet",
    }
    head = words[1:3] if words[0] == "python" else ["-m", modules[words[0]]]
    rest = words[3:] if words[0] == "python" else words[1:]
    done = subprocess.run(
        [sys.executable, "-P", *head, *rest],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def write_on(sheet: Path, scan: Path, seed: int) -> None:
    """Somebody writes into all boxes of the sheet, and scans it a little askew."""
    digits = Generator().generate([row for row in range(10) for _ in range(COLUMNS)], seed=seed).images
    with Image.open(sheet) as picture:
        page = np.asarray(picture).copy()
    for place, digit in enumerate(digits):
        y, x = (BORDER + CELL * number + 17 for number in divmod(place, COLUMNS))
        box = page[y : y + 56, x : x + 56]
        np.minimum(box, 255 - np.kron(digit, np.ones((2, 2), np.uint8)), out=box)
    Image.fromarray(page).rotate(seed, Image.Resampling.BICUBIC, fillcolor=255).save(scan)


def test_every_command_of_the_tutorial_does_what_it_says(tmp_path: Path, sizes: list[str]) -> None:
    for words in commands():
        if "cut" in words:
            write_on(tmp_path / "sheet.png", tmp_path / "scan-1.png", 1)
            write_on(tmp_path / "sheet.png", tmp_path / "scan-2.png", 2)
        if words[0] == "scorp-train":
            words += [*sizes, "--variants", "24"]
        run(words, tmp_path)
        if words[0] == "scorp-train":
            (trained,) = (tmp_path / "runs").iterdir()
            trained.rename(
                trained.with_name("00000-multires-mine-60ep")
            )  # as the tutorial's epochs would call it
    assert len(list(tmp_path.glob("mine/*/*.png"))) == 240
    (model,) = tmp_path.glob("runs/*/mine.onnx")
    assert Generator(model).classes == tuple("0123456789")
    assert "variants" in model.with_suffix(".md").read_text(encoding="utf-8")
    for name in ("digits.png", "year.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 28

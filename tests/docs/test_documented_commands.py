"""What README and docs tell to type is understood, and does it: in order, as a reader would, on few pictures.

Data sets of a name are small ones here, and reports measure little. Each network has its own size, but sees each
picture once; a run folder is then called as the documented epochs would have called it.
"""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from scorp_runtime import Generator
from scorp_runtime.cli.parser import read_options
from scorp_runtime.cli.process import OneLineParser
from scorp_train.cli import letter_case
from scorp_train.cli.scan_sheet import BORDER, CELL, COLUMNS
from scorp_train.cli.train import main as scorp_train
from scorp_train.data import Dataset, Split, registry
from scorp_train.data.letters import MIXED, UPPER
from scorp_train.evaluation import comparison, sample_sizes
from scorp_train.evaluation.human_test import FORMAT
from scorp_train.evaluation.report_folder import ReportFolder
from scorp_train.export import release as export_command
from scorp_train.training import trainer

ROOT = Path(__file__).resolve().parents[2]
MAINS = {
    "scorp-gen": "scorp_runtime.cli.main",
    "scorp-train": "scorp_train.cli.train",
    "scorp-export": "scorp_train.cli.export",
    "scorp-eval": "scorp_train.cli.evaluate",
    "scorp_train.judge": "scorp_train.cli.judge",
}
DOCUMENTS = {
    "README.md": [],
    "CONTRIBUTING.md": ["scorp-train"],
    "scorp_train/README.md": [
        "python -m scorp_train.cli.scan_sheet blank sheet.png --classes 0-9",
        "python -m scorp_train.cli.scan_sheet cut scan-1.png mine --classes 0-9",
    ],
    "docs/datasets.md": [],
    "docs/evaluation.md": [
        "scorp-train --model dense",
        "scorp-train",
        "scorp-export runs/00001-multires-mnist-46ep exported/",
        "scorp-gen 0-9 -n 300 made.npz",
        "scorp-gen 0-9 -n 300 made/",
    ],
    "docs/family.md": [
        "scorp-train --model dense",
        "scorp-train",
        "scorp-export runs/00001-multires-mnist-46ep exported/",
        "scorp-train --model vae",
        "scorp-train --model mlp --epochs 1 --seed 1 --runs short-runs",
        "scorp-train --model mlp --epochs 1 --seed 2 --runs short-runs",
    ],
    "docs/letters.md": [],
    "docs/model-format.md": ["scorp-train", "scorp-export runs/00000-multires-mnist-46ep exported/"],
    "docs/own-handwriting.md": [],
    "docs/scale.md": [],
    "docs/training.md": [],
}
"""Those that tell to type what runs here, and what their readers have typed before, from other documents."""
EXPANDED = {
    "$model": "mlp",
    "$seed": "0",
    "$SLURM_ARRAY_TASK_ID": "0",
    "--format F ": "--format tar ",
    "DIR": "made/",
    "RUN": "runs/00000-multires-mnist-46ep",
    "--data NAME": "--data mnist",
    "/shared/": "shared/",
}
EXIT_CODES = {"scorp-gen 7 seven.png --model runs/00000-dense-mnist-32ep/dense.onnx": 2}
ELSEWHERE = {"serve", "bench", "--engine", "--help", "pytest"}
"""Words of commands that do not end, need a cluster, or time things: tests of their own run those."""
SHOWN = {"docs/digits.png": "docs/digits.png", "capitals.png": "docs/letters.png"}
"""Pictures of the README, by what its commands call them."""


@pytest.fixture(scope="module")
def small() -> dict[str, Dataset]:
    """Data sets by name, drawn by the bundled models."""
    return {name: _drawn(name, model) for name, model in (("mnist", "digits"), ("letters", "letters"))}


def _drawn(name: str, model: str) -> Dataset:
    generator = Generator(model)
    train, test = (
        Split(batch.images, batch.labels)
        for batch in (
            generator.generate("all", 40 * len(generator.classes), seed=11),
            generator.generate("all", 15 * len(generator.classes), seed=12),
        )
    )
    return Dataset(name, generator.classes, train, test, "none")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: dict[str, Dataset]) -> Iterator[Path]:
    """An empty folder to type in."""
    monkeypatch.chdir(tmp_path)
    for name, dataset in small.items():
        monkeypatch.setitem(registry._BUILT_IN, name, lambda dataset=dataset: dataset)
    for module in (trainer, export_command):
        monkeypatch.setattr(module, "SCORED", 100)
    little = replace(
        sample_sizes.QUICK,
        count=150,
        real_samples=2,
        neighbours=100,
        pairs=50,
        corrupted=5,
        two_sample=60,
        two_sample_steps=5,
        copies=50,
        use_all=300,
        use_all_steps=20,
        use_steps=3,
        use_shots=(10,),
        knob_pictures=10,
        blind=10,
    )
    monkeypatch.setattr(sample_sizes, "FULL", little)
    monkeypatch.setattr(sample_sizes, "QUICK", little)
    monkeypatch.setattr(comparison, "SPEED_SECONDS", 0.01)
    monkeypatch.setattr(letter_case, "EPOCHS", (1, 1))
    monkeypatch.setattr(letter_case, "EACH", 5)
    threads = torch.get_num_threads()
    yield tmp_path
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


class _UnderstoodError(Exception):
    """Raised once a command line is read, in place of what it asks for."""


def test_a_command_is_understood(document: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the program's own parser, with every number that it tells."""
    program, *words = _expanded(command)
    name = Path(program).name
    if name == "scorp-gen":
        assert read_options(words)
    elif name in MAINS:
        _parse(MAINS[name], words, monkeypatch)
    elif words[0] == "-m" and words[1].startswith("scorp_"):
        _parse(MAINS.get(words[1], words[1]), words[2:], monkeypatch)
    elif words[0] == "-m":
        assert find_spec(words[1])
    elif not words[0].startswith("-"):
        assert (ROOT / words[0]).is_file()


def _parse(module: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if module == MAINS["scorp-train"]:  # which says itself what it would do
        assert scorp_train([*words, "--dry-run"]) == 0
        return
    read = OneLineParser.parse_args

    def stop(parser: OneLineParser, *arguments: Any, **more: Any) -> Any:
        read(parser, *arguments, **more)
        raise _UnderstoodError

    monkeypatch.setattr(OneLineParser, "parse_args", stop)
    entry = "run_compare" if words[:1] == ["compare"] else "_run"
    if entry == "run_compare":
        module, words = "scorp_train.cli.compare", words[1:]
    with pytest.raises(_UnderstoodError):
        getattr(import_module(module), entry)(words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of_a_document_do_what_they_say(
    document: str, commands: Callable[[str], list[str]], desk: Path
) -> None:
    for command in [*DOCUMENTS[document], *commands((ROOT / document).read_text("utf-8"))]:
        words = _expanded(command)
        if runs_here(words):
            _prepare(words)
            words = [found for word in words for found in _found(word)]
            assert _run(words) == EXIT_CODES.get(command, 0), command
    for picture, shown in SHOWN.items():
        assert document != "README.md" or _told(Path(picture)) == _told(ROOT / shown)


def test_every_document_with_commands_is_run(
    commands: Callable[[str], list[str]], documents: list[Path]
) -> None:
    told = {
        str(path.relative_to(ROOT))
        for path in documents
        if any(runs_here(shlex.split(command)) for command in commands(path.read_text("utf-8")))
    }
    assert told == DOCUMENTS.keys()


def runs_here(words: list[str]) -> bool:
    """Scripts of the repository have tests and records of their own."""
    ours = Path(words[0]).name in MAINS or (words[:2] == ["python", "-m"] and words[2].startswith("scorp_"))
    return ours and not ELSEWHERE & set(words)


def _expanded(command: str) -> list[str]:
    for variable, value in EXPANDED.items():
        command = command.replace(variable, value)
    return shlex.split(command)


def _found(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def _run(words: list[str]) -> int:
    """Run a command and return its exit code."""
    program, *rest = words[2:] if words[1:2] == ["-m"] else [Path(words[0]).name, *words[1:]]
    if program == "scorp-train":
        return _train(rest)
    if program == "scorp-gen":
        rest = _fewer(rest)
    if program == "scorp_train.judge":
        rest += ["--epochs", "1"]
    code: int = import_module(MAINS.get(program, program)).main(rest)
    return code


def _train(words: list[str]) -> int:
    """Train for an epoch, and call the run folder as if it had been the epochs that the command asks for."""
    epochs = json.loads(_said([*words, "--dry-run"])[1])["training"]["epochs"]
    fewer = ["--epochs", "1", "--threads", "1", "--variants", "30"]
    # A step that never comes, so that a command of other epochs is of another run.
    code, said = _said([*words, *fewer, "--sample-steps", str(1_000_000 + epochs)])
    if code == 0:
        run = Path(said.strip()).parent
        run.rename(run.with_name(re.sub(r"-\d+ep$", f"-{epochs}ep", run.name)))
    return code


def _said(words: list[str]) -> tuple[int, str]:
    with redirect_stdout(StringIO()) as stdout:
        code = scorp_train(words)
    return code, stdout.getvalue()


def _fewer(words: list[str]) -> list[str]:
    for place in (place + 1 for place, word in enumerate(words) if word in ("--count", "-n")):
        words[place] = str(min(int(words[place]), 300))
    if words[-1].endswith("/") and words[0] != "verify":
        shutil.rmtree(words[-1], ignore_errors=True)  # of the command before
    return words


def _prepare(words: list[str]) -> None:
    """Do what the reader does by hand before a command."""
    if "docs/digits.png" in words:
        Path("docs").mkdir()
    if "cut" in words:
        _write_on("sheet.png", words[4:-3])
    if "--human" in words:
        _answer(Path("report"), Path("results/one.json"))
    if "letters.npz" in words:
        _letters_of_any_case(Path("letters.npz"))


def _write_on(sheet: str, scans: list[str]) -> None:
    """Write a digit into each box of the sheet, as another hand on each scan."""
    for seed, scan in enumerate(scans):
        with Image.open(sheet) as blank:
            page = blank.copy()
        digits = Generator().generate([row for row in range(10) for _ in range(COLUMNS)], seed=seed).images
        for box, digit in enumerate(digits):
            ink = Image.fromarray(digit).resize((56, 56))
            corner = (BORDER + box % COLUMNS * CELL + 15, BORDER + box // COLUMNS * CELL + 17)
            page.paste(0, corner, ink)
        page.save(scan)


def _answer(report: Path, result: Path) -> None:
    """Call everything on the blind page generated."""
    page, generated = ReportFolder(report).read_key()
    answers = [{"trial": trial, "generated": True, "ms": 900} for trial in range(len(generated))]
    result.parent.mkdir()
    result.write_text(json.dumps({"format": FORMAT, "page": page, "answers": answers}))


def _letters_of_any_case(path: Path) -> None:
    """Letters A to Z, called capitals, small ones, and of unknown case in turn."""
    drawn = Generator("letters").generate("A-Z", 26 * 9, seed=1)
    case = np.resize([UPPER, 1, MIXED], 26 * 9)
    np.savez(path, images=drawn.images, labels=drawn.labels - 10, case=case)


def _told(path: Path) -> tuple[object, object]:
    """The pixels of a picture and the address in its text chunk, which names the model by its checksum."""
    with Image.open(path) as image:
        return np.asarray(image).tolist(), image.text["scorp"]  # type: ignore[attr-defined]

"""Wrong usage of the trainer's commands gives one line and exit code 2, and writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from scorp_train.cli.export import main as export
from scorp_train.cli.judge import main as judge
from scorp_train.cli.scan_sheet import main as sheet
from scorp_train.cli.train import main as train
from scorp_train.errors import UsageError
from scorp_train.models.registry import model_names, model_options
from scorp_train.training import presets
from scorp_train.training.options import Options

LONG = "9" * 5000
# What the error has to name.
TRAIN = {
    "--epochs 0": "1 to 1000000, not 0",
    "--batch 1": "--batch",
    "--seed -1": "0 to 18446744073709551615, not -1",
    "--threads 1000000": "--threads",
    "--threads fast": "nor auto",
    "--preset nothing": "'nothing'",
    "--network nothing": "'nothing'",
    "--layout upright": "'upright'",
    "--device abacus": "'abacus'",
    "--name ../up": "'../up'",
    f"--name {'a' * 300}": "100 bytes",
    "--sample-steps 3,,4": "'3,,4'",
    f"--sample-steps {LONG}": "--sample-steps",
    "--penalty inf": "0 or more, not inf",
    "--codes-share 1": "below 1",
    "--code 0": "--code",
    "--precision float8": "'float8'",
    "--epoch 3": "--epochs",
    "--components 0": "--components",
    "--network dense --momentum 1": "--momentum",
    "--network mlp --too-often 2": "--too-often",
    "--network scorp --longest-share 0.5": "--longest-share",
    "--network single-class": "--only",
    "--network vae --divergence -1": "--divergence",
    "--preset text --network vae": "--preset text",
    "--preset mlp --network dense": "--preset mlp",
}
EXPORT = {
    "": "RUN, FOLDER",
    "run out --name ../up": "'../up'",
    "run out --nmae a": "--name",
}
JUDGE = {"--epochs 0": "--epochs", "--seed -1": "--seed"}
SHEET = {
    "": "command",
    "blank a.png": "--classes",
    "blank a.png --classes yes,yes": "'yes'",
    "blank a.png --classes !-\uffff": "100",
    "blank a.png --classes 0-9 --columns 0": "--columns",
}
COMMANDS = [(train, TRAIN), (export, EXPORT), (judge, JUDGE), (sheet, SHEET)]
CASES = [
    pytest.param(command, words, named, id=f"{command.__module__.rpartition('.')[2]} {words[:40]}")
    for command, cases in COMMANDS
    for words, named in cases.items()
]


@pytest.mark.parametrize(("command", "words", "named"), CASES)
def test_wrong_usage_is_one_line(
    command: Callable[[Sequence[str]], int],
    words: str,
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(words.split()) == 2
    output, error = capsys.readouterr()
    (line,) = error.splitlines()
    assert output == ""
    assert named in line
    assert list(tmp_path.iterdir()) == []


def test_every_number_declares_its_range() -> None:
    for kind in (Options, *map(model_options, model_names())):
        undeclared = [
            field.name
            for field in fields(kind)
            if type(field.default) in (int, float) and "range" not in field.metadata
        ]
        assert not undeclared, kind


def test_preset_with_unknown_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(presets._NAMED, "typo", {"network": "vae", "hiden": 8})
    with pytest.raises(UsageError, match="hiden"):
        presets.preset("typo", None)

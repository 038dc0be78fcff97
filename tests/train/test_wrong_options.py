"""Whatever is wrong in a command line of the trainer is one line and exit code 2, and nothing is written."""

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

TRAINING = {
    "--epochs 0": "--epochs must be from 1 to 1000000, not 0",
    "--epochs -3": "--epochs must be from 1 to 1000000, not -3",
    "--epochs nan": "argument --epochs: invalid int value: 'nan'",
    "--epochs 1000000000000": "--epochs must be from 1 to 1000000",
    "--batch 1": "--batch must be from 2 to 1000000, not 1",
    "--batch 1000000000000": "--batch must be from 2 to 1000000",
    "--seed -1": "--seed must be from 0 to 18446744073709551615, not -1",
    "--seed 18446744073709551616": "--seed must be from 0 to 18446744073709551615",
    "--threads -1": "--threads must be from 0 to 1024, not -1",
    "--threads 1000000": "--threads must be from 0 to 1024",
    "--variants -1": "--variants must be from 0 to 1000000, not -1",
    "--preset nothing": "argument --preset: invalid choice: 'nothing'",
    "--model nothing": "argument --model: invalid choice: 'nothing'",
    "--layout upright": "--layout 'upright' is none of auto, mnist, none",
    "--device abacus": "--device 'abacus' is none of auto, cpu, cuda, cuda:N",
    "--device cudas": "--device 'cudas' is none of auto, cpu, cuda, cuda:N",
    "--device cuda:first": "--device 'cuda:first' is none of auto, cpu, cuda, cuda:N",
    "--name ../up": "--name '../up' is no plain name",
    f"--name {'a' * 300}": "of at most 100 bytes",
    "--sample-steps 3,,4": "--sample-steps '3,,4' are no numbers with commas between",
    f"--sample-steps {LONG}": "are no numbers with commas between",
    "--penalty nan": "--penalty must be 0 or more, not nan",
    "--penalty inf": "--penalty must be 0 or more, not inf",
    "--penalty -1": "--penalty must be 0 or more, not -1.0",
    "--codes-share nan": "--codes-share must be from 0 to 1, not nan",
    "--codes-share 0.9": "the shares of codes, flow, front and quantise leave nothing",
    "--hidden 0": "--hidden must be from 1 to 1000000, not 0",
    "--hidden 1000000000": "--hidden must be from 1 to 1000000, not 1000000000",
    "--precision float8": "--precision 'float8' is none of auto, float32, bfloat16",
    "--epoch 3": "unrecognized arguments: --epoch 3",
}
EXPORT = {
    "": "the following arguments are required: run, folder",
    "run out --name ../up": "--name '../up' is no plain name",
    "run out --nmae a": "unrecognized arguments: --nmae a",
}
JUDGE = {
    "--epochs 0": "--epochs must be from 1 to 1000000",
    "--seed -1": "--seed from 0 to 2^64 - 1",
}
SHEET = {
    "": "the following arguments are required: command",
    "blank a.png": "the following arguments are required: --classes",
    "blank a.png --classes yes,yes": "two classes are named 'yes'",
    "blank a.png --classes !-￿": "a sheet has at most 100",
    "blank a.png --classes 0-9 --columns 0": "--columns must be from 1 to 100, not 0",
}
COMMANDS = {
    "scorp-train": (train, TRAINING),
    "scorp-export": (export, EXPORT),
    "python -m scorp_train.judge": (judge, JUDGE),
    "python -m scorp_train.cli.scan_sheet": (sheet, SHEET),
}


def short_repr(words: str) -> str:
    return f"`{words[:60]}{'…' if len(words) > 60 else ''}`" if words else "no words at all"


CASES = [
    pytest.param(name, words, message, marks=pytest.mark.fault(name, short_repr(words), f"exit 2: {message}"))
    for name, (_, cases) in COMMANDS.items()
    for words, message in cases.items()
]


@pytest.mark.parametrize(("name", "words", "message"), CASES)
def test_wrong_usage_is_exit_code_2(
    name: str,
    words: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert COMMANDS[name][0](words.split()) == 2
    output, error = capsys.readouterr()
    (line,) = error.splitlines()
    assert output == ""
    assert message in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        "--ema 5", "--keep-share 3", "--decay-share -0.1", "--ink-cut 256", "--translation 28",
        "--model dense --momentum 1", "--model mlp --too-often 2", "--model mlp --slower 1",
        "--model scorp --longest-share 0.5", "--model single-class --only 7 --dropout 1",
        "--model vae --divergence -1", "--preset letters --model vae", "--preset mlp --model dense",
        "--preset sketch --model vae",
    ],
)  # fmt: skip
def test_an_option_out_of_its_range_or_a_preset_of_another_model_is_wrong_usage(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train([*words.split(), "--dry-run"]) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert words.split()[-2] in error or "--preset" in error


def test_every_number_of_a_shipped_model_declares_its_range() -> None:
    for kind in (Options, *map(model_options, model_names())):
        undeclared = [
            field.name
            for field in fields(kind)
            if isinstance(field.default, int | float) and "range" not in field.metadata
        ]
        assert not undeclared, kind


def test_a_preset_that_sets_an_unknown_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(presets._NAMED, "typo", {"model": "vae", "hiden": 8})
    with pytest.raises(UsageError, match="hiden"):
        presets.preset("typo", None)


@pytest.mark.fault(
    "scorp-train",
    "`RANK` and the like in the environment that torchrun would not set",
    "exit 2: not as torchrun sets them",
)
@pytest.mark.parametrize("told", [("x", "1", "0", "1"), ("5", "2", "0", "1"), ("0", "1", "-1", "1")])
def test_an_environment_that_is_not_torchruns_is_wrong_usage(
    told: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in zip(("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"), told, strict=True):
        monkeypatch.setenv(name, value)
    assert train(["--dry-run"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "not as torchrun sets them" in line

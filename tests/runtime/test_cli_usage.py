"""`scorp-gen` says what is wrong in one line, with the right exit code, and leaves nothing behind."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import COMMANDS, main

WRONG_USAGE: dict[str, tuple[list[str], str]] = {
    "nothing": ([], "the following arguments are required: WHAT"),
    "label": (["x", "a.png"], "there is no class 'x': the model has 0, 1"),
    "range": (["9-0", "a.png"], "the range '9-0' runs backwards"),
    "count 0": (["7", "a.png", "--count", "0"], "argument -n/--count: must be at least 1, not 0"),
    "count -1": (["7", "a.png", "--count", "-1"], "argument -n/--count"),
    "count": (["7", "a.png", "-n", "many"], "'many' is not a whole number"),
    "seed": (["7", "a.png", "--seed", str(2**64)], "seed must be a whole number from 0 to 2^64 - 1"),
    "start": (["7", "a.png", "-n", "2", "--start", str(2**64 - 1)], "leaves room for 1 samples, not 2"),
    "option": (["7", "a.png", "--cuont", "3"], "unrecognized arguments: --cuont 3"),
    "abbreviation": (["7", "a.png", "--cou", "3"], "unrecognized arguments: --cou 3"),
    "style": (["7", "a.png", "--thickness", "9"], "thickness 9 is outside 1..6 px"),
    "style text": (["7", "a.png", "--slant", "left"], "'left' is neither a number nor a range"),
    "extension": (
        ["7", "a.gif"],
        "'a.gif' tells no format: end it in .png, .npz, .npy, .tar, .parquet or /, or give --format",
    ),
    "format": (["7", "a.png", "--format", "gif"], "invalid choice: 'gif'"),
    "folder as file": (["7", "a/", "--format", "npy"], "a/ is a folder, but --format is npy"),
    "folder to stdout": (["7", "-", "--format", "folder"], "a folder cannot go to stdout"),
    "columns": (["7", "a.npy", "--columns", "3"], "columns are for sheets, not for the format npy"),
    "folder's columns": (["7", "a/", "--columns", "3"], "columns are for sheets"),
    "tar's columns": (["7", "a.tar", "--columns", "3"], "columns are for sheets"),
    "sheet in shards": (["7", "a/", "--format", "png"], "a/ is a folder, but --format is png"),
    "idx to stdout": (["7", "-", "--format", "idx"], "a folder cannot go to stdout"),
    "shards of a file": (["7", "a.npz", "--shards", "2"], "--shards is for datasets in a folder"),
    "workers for a file": (["7", "a.npz", "--workers", "2"], "for one file there is --threads"),
    "shard": (["7", "a/", "--shard", "3/3", "--seed", "1"], "'3/3' is not I/N with 0 <= I < N"),
    "shard without seed": (["7", "a/", "-n", "9", "--shard", "1/3"], "--shard needs --seed"),
    "more shards": (
        ["7", "a/", "-n", "9", "--shards", "10"],
        "10 shards are more than there are pictures: 9",
    ),
    "two shards": (
        ["7", "a/", "-n", "9", "-s", "1", "--shard", "0/3", "--shards", "4"],
        "--shards 4 contradicts",
    ),
    "cluster": (["7", "a/", "--cluster", "tcp://nowhere:1"], "needs an engine: dask or ray"),
    "weights": (["0-2", "a.npy", "--class-weights", "1,2"], "is not 3 weights, one for each class of '0-2'"),
    "per class": (
        ["0-2", "a.npy", "--per-class", "1,x,2"],
        "neither one number of images nor one for each",
    ),
    "class twice": (["7,7", "a.npy", "--per-class", "3"], "names a class twice"),
    "count and per class": (["0-2", "a.npy", "--per-class", "3", "-n", "8"], "contradicts the 9 labels"),
    "weights and counts": (
        ["0-1", "a.npy", "--per-class", "3", "--class-weights", "1,1"],
        "exclude each other",
    ),
    "huge sheet": (["7", "a.png", "-n", "1000000000000"], "write a folder or .npy instead"),
    "huge scale": (["7", "a.png", "--scale", "100000"], "write a folder or .npy instead"),
    "threads": (["7", "a.png", "--threads", "100000"], "threads must be a whole number from 1 to 1024"),
}


def one_line(result: Any, code: int) -> str:
    lines = result.stderr.decode().splitlines()
    assert (result.returncode, len(lines)) == (code, 1), lines
    assert lines[0].startswith("scorp-gen: ")
    return str(lines[0])


def with_fault(case: str) -> Any:
    words, message = WRONG_USAGE[case]
    asked = " ".join(word or "''" for word in words) or "nothing"
    return pytest.param(case, marks=pytest.mark.fault("scorp-gen WHAT", f"`{asked}`", f"exit 2: {message}"))


@pytest.mark.parametrize("case", [with_fault(case) for case in WRONG_USAGE])
def test_wrong_usage_is_exit_code_2(scorp_gen: Any, tmp_path: Path, case: str) -> None:
    words, message = WRONG_USAGE[case]
    result = scorp_gen(*words)
    assert message in one_line(result, 2)
    assert result.stdout == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.fault(
    "model files", "missing, empty, cut, changed, or a folder", "exit 3, one line that names it"
)
@pytest.mark.parametrize("command", [["7", "a.png"], ["info"], ["check"]])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "changed", "folder"])
def test_a_bad_model_is_exit_code_3(
    scorp_gen: Any, tmp_path: Path, tiny_bytes: bytes, command: list[str], damage: str
) -> None:
    model = tmp_path / "bad.onnx"
    match damage:
        case "empty":
            model.write_bytes(b"")
        case "cut":
            model.write_bytes(tiny_bytes[:-100])
        case "changed":
            model.write_bytes(tiny_bytes.replace(b"class_weights", b"class_weightz"))
        case "folder":
            model.mkdir()
    before = list(tmp_path.iterdir())
    assert str(model) in one_line(scorp_gen(*command, model=model), 3)
    assert list(tmp_path.iterdir()) == before


@pytest.mark.fault("model files", "a name that is not bundled", "exit 3, one line")
def test_an_unknown_bundled_model_is_exit_code_3(scorp_gen: Any) -> None:
    assert "no bundled model 'nobody'" in one_line(scorp_gen("7", "a.png", model="nobody"), 3)


@pytest.mark.fault("scorp-gen WHAT", "a target in a folder that is missing, or a file", "exit 1, one line")
def test_a_path_that_cannot_be_written_is_exit_code_1(scorp_gen: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for output in ("nowhere/a.png", "file/a.png", "nowhere/a/", "file/"):
        assert f"cannot write {output.rstrip('/')}" in one_line(scorp_gen("7", output), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.fault(
    "scorp-gen WHAT --force",
    "a dataset in whose folder somebody put a file or a link",
    "exit 1, it stays, named",
)
@pytest.mark.parametrize("more", [[], ["--shards", "2"]])
@pytest.mark.parametrize(
    ("made", "place"),
    [
        ("7 set/", "notes.txt"),
        ("7 set/", "7/notes.txt"),
        ("7 set/", "7/00000099.png"),
        ("7 set/", "other/00000001.png"),
        ("--format idx 7 set/", "t10k-images-idx3-ubyte"),
        ("--format tar 7 set/", "train-00000-of-00009.tar"),
        ("--format npz 7 set/", "link"),
        ("--text 12 set/", "00000099.box"),
    ],
)
def test_what_somebody_put_into_a_dataset_is_not_replaced(
    scorp_gen: Any, tmp_path: Path, made: str, place: str, more: list[str]
) -> None:
    words = [*made.split(), "-n", 3, "--seed"]
    assert scorp_gen(*words, 1).returncode == 0
    foreign = tmp_path / "set" / place
    if place == "link":
        foreign.symlink_to(tmp_path)
    else:
        foreign.parent.mkdir(exist_ok=True)
        foreign.write_text("kept")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "set").rglob("*")}
    told = one_line(scorp_gen(*words, 2, "--force", *more), 1)
    assert f"set/{place} is not of the dataset in set: not replaced" in told
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "set").rglob("*")} == before
    foreign.unlink()
    assert scorp_gen(*words, 2, "--force", *more).returncode == 0


@pytest.mark.fault(
    "scorp-gen WHAT",
    "a folder that holds something",
    "exit 1, kept; `--force` replaces only what scorp-gen made",
)
def test_a_filled_folder_is_kept_and_only_a_folder_of_ours_is_replaced(
    scorp_gen: Any, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("kept")
    assert "is not empty: --force" in one_line(scorp_gen("7", "out/"), 1)
    assert "did not make: not replaced" in one_line(scorp_gen("7", "out/", "--force"), 1)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    assert scorp_gen("1", "-n", 3, "digits/").returncode == 0
    assert "is not empty: --force" in one_line(scorp_gen("2", "digits/"), 1)
    assert scorp_gen("2", "digits/", "--force").returncode == 0
    assert {path.name for path in (tmp_path / "digits").iterdir()} == {
        *("2", "metadata.csv", "README.md", "provenance.json")
    }
    assert {path.name for path in tmp_path.iterdir()} == {"out", "digits"}


@pytest.mark.fault("scorp-gen WHAT", "a terminal as stdout", "exit 2, one line")
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_pictures_are_not_poured_on_a_terminal(scorp_gen: Any) -> None:
    import pty

    leader, follower = pty.openpty()
    result = scorp_gen("7", capture_output=False, stdout=follower, stderr=-1)
    os.close(follower)
    os.close(leader)
    assert "a terminal shows no pictures: name a file" in one_line(result, 2)


def test_debug_shows_the_traceback(scorp_gen: Any) -> None:
    result = scorp_gen("x", "a.png", "--debug")
    assert result.returncode == 2
    assert b"Traceback" in result.stderr
    assert b"LabelError" in result.stderr


@pytest.mark.fault(
    "scorp-gen", "an error that nobody foresaw", "exit 1, one line; `--debug` shows the traceback"
)
def test_an_unforeseen_error_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tiny_path: Path
) -> None:
    from scorp_runtime.cli import info

    def fail(_: object) -> None:
        raise ZeroDivisionError("of all\nthings")

    monkeypatch.setattr(info, "_lines", fail)
    assert main.main(["info", "--model", str(tiny_path)]) == 1
    assert capsys.readouterr().err == "scorp-gen: ZeroDivisionError: of all things (--debug tells more)\n"


def test_help_and_version_are_answered(scorp_gen: Any) -> None:
    import scorp_runtime

    for words in (["--help"], ["info", "--help"], ["check", "--help"]):
        result = scorp_gen(*words, model=None)
        assert (result.returncode, result.stderr) == (0, b"")
        assert b"MODEL" in result.stdout
    result = scorp_gen("--version", model=None)
    assert result.stdout.decode().strip() == f"scorp-gen {scorp_runtime.__version__}"


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["--seed", 1, "forty-two", "a.png"], ["forty-two", "a.png", "--seed", 1]),
        (["-s", 1, "--invert", "-n2", "forty-two", "a/"], ["forty-two", "a/", "-s", 1, "--invert", "-n2"]),
        (["--seed=1", "7", "a.png"], ["7", "a.png", "--seed=1"]),
        (["--slant", "-10", "--seed", 1, "--", "7", "a.png"], ["7", "a.png", "--slant", "-10", "--seed", 1]),
    ],
)
def test_options_may_come_before_what_is_drawn(
    scorp_gen: Any, tmp_path: Path, words: list[Any], same: list[Any]
) -> None:
    results = []
    for order in (words, same):
        folder = tmp_path / str(len(results))
        folder.mkdir()
        result = scorp_gen(*order, model=None, cwd=folder)
        assert result.returncode == 0, result.stderr
        files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.png")}
        results.append((result.stderr, files))
    assert results[0] == results[1]
    assert results[0][1]


def test_options_may_come_before_a_command(scorp_gen: Any, tiny_path: Path) -> None:
    expected = scorp_gen("info").stdout
    assert expected
    assert scorp_gen("--debug", "info").stdout == expected
    assert scorp_gen("--model", tiny_path, "info", model=None).stdout == expected


def test_a_class_may_have_the_name_of_a_command(
    scorp_gen: Any, tmp_path: Path, proto: onnx.ModelProto, metadata: dict[str, str]
) -> None:
    """The command line takes the command; behind `--`, or in a list, it is the class."""
    for entry in proto.metadata_props:
        if entry.key in ("classes", "natural"):
            entry.value = metadata[entry.key].replace('"7"', '"info"')
    model = tmp_path / "model.onnx"
    model.write_bytes(proto.SerializeToString())
    expected = Generator(model).generate("info", 2, seed=1).images
    assert json.loads(scorp_gen("info", "--json", model=model).stdout)["classes"][7] == "info"
    options = ["-n", 2, "--seed", 1, "--model", model]
    for words in ([*options, "--", "info", "a.npy"], [*options, "info,info", "a.npy"]):
        result = scorp_gen(*words, model=None)
        assert result.returncode == 0, result.stderr
        assert np.array_equal(np.load(tmp_path / "a.npy"), expected)


def test_no_arguments_show_the_short_help(scorp_gen: Any) -> None:
    for words in ([], ["text"]):
        shown = scorp_gen(*words, model=None)
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert shown.stdout == scorp_gen(*words, "-h", model=None).stdout
        assert b"--count" in shown.stdout
        assert b"--shards" not in shown.stdout
        assert b"--shards" in scorp_gen(*words, "--help", model=None).stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_a_usage_line_and_examples(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main.main([command, "--help"] if command else ["--help"]) == 0
    usage, blank, *rest = capsys.readouterr().out.splitlines()
    assert usage.startswith(f"usage: scorp-gen {command}")
    assert blank == ""
    assert rest.index("examples:") < 4


def test_a_command_with_no_words_of_its_own_runs(scorp_gen: Any) -> None:
    assert scorp_gen("info", model=None).stdout.startswith(b"model ")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["7", "a.png", "--cuont", "3"], "--count"),
        (["7", "a.png", "--thicknes=3"], "--thickness"),
        (["info", "--jsno"], "--json"),
        (["text", "7", "a.png", "--spcing", "3"], "--spacing"),
        (["inof"], "scorp-gen info"),
        (["chekc"], "scorp-gen check"),
        (["42", "a.png"], "scorp-gen text 42 out.png"),
        (["1/2 3", "a.png"], "scorp-gen text '1/2 3' out.png"),
        (["sevn", "a.png"], "'seven'"),
    ],
)
def test_what_was_probably_meant_is_suggested(scorp_gen: Any, words: list[str], meant: str) -> None:
    assert meant in one_line(scorp_gen(*words), 2)


def test_a_model_may_be_an_operand(scorp_gen: Any, tiny_path: Path, tmp_path: Path) -> None:
    for command in ("info", "check"):
        named = scorp_gen(command, tiny_path, "--json", model=None)
        assert (named.returncode, named.stdout) == (0, scorp_gen(command, "--json").stdout)
        one_line(scorp_gen(command, "digits"), 2)


def test_quiet_prints_errors_only(scorp_gen: Any, tmp_path: Path) -> None:
    for words in (
        ["7", "a.png"],
        ["text", "7", "b.png"],
        ["7", "a/", "-n", 9, "--shards", 2],
        ["-q", "7", "c.png"],
    ):
        result = scorp_gen(*words, "--quiet")
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    one_line(scorp_gen("x", "a.png", "--quiet"), 2)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["text", "12", "-3", "a.png"], ["--text", "12", "--text=-3", "a.png"]),
        (["text", "-3.5", "a.png", "--slant", "-10"], ["a.png", "--text", "-3.5", "--slant=-10"]),
    ],
)
def test_text_is_a_command_and_an_option(
    scorp_gen: Any, tmp_path: Path, command: list[str], option: list[str]
) -> None:
    files = []
    for words in (command, option):
        assert scorp_gen(*words, "--seed", 1).returncode == 0
        files.append((tmp_path / "a.png").read_bytes())
        (tmp_path / "a.png").unlink()
    assert files[0] == files[1]
    assert "exclude each other" in one_line(scorp_gen("text", "1", "--text", "2", "a.png"), 2)
    assert "required: TEXT" in one_line(scorp_gen("text", "a.png"), 2)

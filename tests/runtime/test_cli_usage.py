"""`scorp-gen` reports an error in one line with the right exit code, suggests what was meant, and shows help."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import scorp_runtime
from scorp_runtime import Generator
from scorp_runtime.cli import COMMANDS, info

WRONG_USAGE = [
    ("x a.png", "'x'"),
    ("9-0 a.png", "'9-0'"),
    ("7 a.png --count 0", "-n/--count: '0'"),
    ("7 a.png -n many", "'many'"),
    (f"7 a.png --seed {2**64}", f"-s/--seed: '{2**64}'"),
    (f"7 a.png -n 2 --start {2**64 - 1}", "beyond the last index"),
    ("7 a.png --cuont 3", "--cuont"),
    ("7 a.png --thickness 9", "1..6 px"),
    ("7 a.png --slant left", "'left'"),
    ("a.png", "scorp-gen all a.png"),
    ("7 a.gif", "'.gif'"),
    ("7 a", "'a'"),
    ("7 a.png --format gif", "'gif'"),
    ("7 a/ --format npy", "npy"),
    ("7 - --format folder", "stdout"),
    ("7 a.npy --columns 3", "npy"),
    ("7 a/ --columns 3", "folder"),
    ("7 a.npz --shards 2", "--shards"),
    ("7 a.npz --workers 2", "--threads"),
    ("7 a/ --shard 3/3 --seed 1", "'3/3'"),
    ("7 a/ -n 9 --shard 1/3", "--seed"),
    ("7 a/ -n 9 --shards 10", "10 shards"),
    ("7 a/ -n 9 -s 1 --shard 0/3 --shards 4", "--shards 4"),
    ("7 a/ --cluster tcp://nowhere:1", "dask or ray"),
    ("0-2 a.npy --class-weights 1,2", "'1,2'"),
    ("0-2 a.npy --per-class 1,x,2", "'1,x,2'"),
    ("7,7 a.npy --per-class 3", "'7,7'"),
    ("0-2 a.npy --per-class 3 -n 8", "8"),
    ("0-1 a.npy --per-class 3 --class-weights 1,1", "weights"),
    ("7 a.png -n 1000000000000", ".npy"),
    ("7 a.png --scale 100000", ".npy"),
    ("7 a.png --threads 100000", "1024"),
    ("7 a.png --threads some", "--threads"),
    ("7 a.png --backend torch", "--backend"),
    ("text 7 a.png -n 2", "2 pages"),
    ("text a.png", "TEXT"),
    ("text 1 --text 2 a.png", "--text"),
    ("text 4a a.png", "'a'"),
    ("text 4a pages/", "'a'"),
    ("text '2026-11-24\nROUTE' a.png", "'E', 'O', 'R', 'T', 'U'"),
    ("text forty two a.png", "'f', 'o', 'r', 't', 'w', 'y'"),
    ("text 4 a.npz", "'.npz'"),
    ("'thin seven' a.png --thickness 3", "--thickness"),
    (f"text 4 -n 2 pages/ --start {2**52 - 1}", "not 4503"),
    ("text 4 a.tar --shards 2", "--shards"),
    ("text 4 a.png --size 4000", "size"),
    ("text 4", "OUTPUT"),
    ("serve --port 65536", "65535"),
]


@pytest.mark.parametrize(("command", "named"), WRONG_USAGE, ids=[command for command, _ in WRONG_USAGE])
def test_wrong_usage_is_exit_code_2_and_names_the_value(
    fails: Any, tmp_path: Path, command: str, named: str
) -> None:
    assert named in fails(2, *shlex.split(command))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["7 a.png", "info", "check"])
def test_a_bad_model_is_exit_code_3(fails: Any, tmp_path: Path, tiny_bytes: bytes, command: str) -> None:
    model = tmp_path / "bad.onnx"
    assert str(model) in fails(3, *command.split(), model=model)
    for content in (b"", tiny_bytes[:-100], tiny_bytes.replace(b"class_weights", b"class_weightz")):
        model.write_bytes(content)
        assert str(model) in fails(3, *command.split(), model=model)
    assert str(tmp_path) in fails(3, *command.split(), model=tmp_path)
    assert "'nobody'" in fails(3, *command.split(), model="nobody")
    assert list(tmp_path.iterdir()) == [model]


def test_a_path_that_cannot_be_written_is_exit_code_1(fails: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for output in ("nowhere/a.png", "file/a.png", "nowhere/a/", "file/"):
        assert f"cannot write {output.rstrip('/')}" in fails(1, "7", output)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_images_are_not_written_to_a_terminal(fails: Any) -> None:
    import pty

    leader, follower = pty.openpty()
    assert "terminal" in fails(2, "7", capture_output=False, stdout=follower, stderr=subprocess.PIPE)
    os.close(follower)
    os.close(leader)


def test_a_folder_that_does_not_exist_is_named(fails: Any) -> None:
    assert "the folder nowhere does not exist" in fails(1, "verify", "nowhere")


def test_a_text_that_no_model_can_write_lists_the_characters_of_all(fails: Any) -> None:
    assert "printable ASCII" in fails(2, "text", "hellö", "a.png", model=None)


def test_letters_for_the_model_of_digits_alone_suggest_text(fails: Any) -> None:
    assert "scorp-gen text hello out.png" in fails(2, "hello", "a.png", model=None)


def test_debug_prints_the_traceback(scorp_gen: Any) -> None:
    for words in (["x", "a.png", "--debug"], ["--debug", "x", "a.png"]):
        result = scorp_gen(*words)
        assert result.returncode == 2
        assert b"Traceback" in result.stderr
        assert b"LabelError" in result.stderr


def test_an_unexpected_error_is_one_line_too(monkeypatch: pytest.MonkeyPatch, scorp_gen: Any) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("of all\nthings")

    monkeypatch.setattr(info, "_rows", fail)
    result = scorp_gen("info")
    assert result.returncode == 1
    assert result.stderr.startswith(b"scorp-gen: ZeroDivisionError: of all things (--debug")


def test_version_is_printed(scorp_gen: Any) -> None:
    for words in (["--version"], ["info", "--version"]):
        result = scorp_gen(*words, model=None)
        assert result.stdout.decode().strip() == f"scorp-gen {scorp_runtime.__version__}"


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["--seed", 1, "thick 4", "a.png"], ["thick 4", "a.png", "--seed", 1]),
        (["-s", 1, "--invert", "-n2", "thick 4", "a/"], ["thick 4", "a/", "-s", 1, "--invert", "-n2"]),
        (
            ["--count", 3, "7", "-s", 1, "a.npy", "--slant", "-9..-5"],
            ["7", "a.npy", "-n3", "-s1", "--slant=-9..-5"],
        ),
        (["--slant", "-10", "--seed", 1, "--", "7", "a.png"], ["7", "a.png", "--slant", "-10", "--seed", 1]),
        (["text", "12", "-3", "a.png", "-s1"], ["--text", "12", "--text=-3", "a.png", "-s1"]),
        (["text", "-3.5", "a.png", "-s1", "--slant", "-9"], ["a.png", "--text", "-3.5", "--slant=-9", "-s1"]),
    ],
)
def test_options_may_have_any_place_and_text_is_a_command_and_an_option(
    made: Any, contents: Any, tmp_path: Path, words: list[Any], same: list[Any]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert made(*words, model=None, cwd=one).stderr == made(*same, model=None, cwd=two).stderr
    assert contents(one) == contents(two) != {}


@pytest.mark.parametrize("words", [[], ["text"]])
def test_no_arguments_show_the_short_help(scorp_gen: Any, words: list[str]) -> None:
    shown = scorp_gen(*words, model=None)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout == scorp_gen(*words, "-h", model=None).stdout
    assert b"--count" in shown.stdout
    assert b"--shards" not in shown.stdout
    assert b"--shards" in scorp_gen(*words, "--help", model=None).stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_a_usage_line_and_examples(scorp_gen: Any, command: str) -> None:
    result = scorp_gen(*command.split(), "--help", model=None)
    assert (result.returncode, result.stderr) == (0, b"")
    usage, blank, *rest = result.stdout.decode().splitlines()
    assert usage.startswith(f"usage: scorp-gen {command}")
    assert blank == ""
    assert rest.index("examples:") < 4


def test_the_ranges_of_knobs_in_the_help_are_those_of_digits(scorp_gen: Any) -> None:
    text = " ".join(scorp_gen("--help", model=None).stdout.decode().split())
    for knob in Generator().knobs:
        low, high = map(float, re.findall(rf"--{knob.name} V [^()]* about (\S+) to (\S+) \(", text)[0])
        assert knob.low <= low < high <= knob.high
        assert high - low > 0.85 * (knob.high - knob.low)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["7", "a.png", "--cuont", "3"], "--count"),
        (["info", "--jsno"], "--json"),
        (["text", "7", "a.png", "--spcing", "3"], "--spacing"),
        (["inof"], "scorp-gen info"),
        (["chekc"], "scorp-gen check"),
        (["42", "a.png"], "scorp-gen text 42 out.png"),
        (["1/2 3", "a.png"], "scorp-gen text '1/2 3' out.png"),
        (["sevn", "a.png"], "'seven'"),
    ],
)
def test_what_was_probably_meant_is_suggested(fails: Any, words: list[str], meant: str) -> None:
    line = fails(2, *words)
    assert meant in line
    assert line.count("did you mean") <= 1


@pytest.mark.parametrize(
    "words", ["7 a.png", "text 7 b.png", "7 a/ -n 9 --shards 2", "-q 7 c.png", "x a.png"]
)
def test_quiet_prints_only_errors(scorp_gen: Any, words: str) -> None:
    result = scorp_gen(*words.split(), "--quiet")
    assert result.stdout == b""
    assert (result.returncode, result.stderr.count(b"\n")) == ((2, 1) if words[0] == "x" else (0, 0))


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [("in", "info"), ("7 a.p", "a.png"), ("verify d", "digits"), ("text --word", "--word-space")],
)
def test_bash_completes(made: Any, tmp_path: Path, words: str, completed: str) -> None:
    pytest.importorskip("shtab")
    (tmp_path / "a.png").touch()
    (tmp_path / "digits").mkdir()
    complete = (
        f"\nCOMP_WORDS=(scorp-gen {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_shtab_scorp_gen\necho "${COMPREPLY[*]}"'
    )
    script = made("--print-completion", "bash", model=None).stdout.decode() + complete
    result = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=True)
    assert result.stdout.decode().split() == [completed]

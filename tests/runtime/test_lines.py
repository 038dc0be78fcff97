"""Many texts: each page shows the line of a file, or a text of a pattern, that belongs to its index."""

import csv
import json
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import DatasetError, Generator, Layout, Pattern, RequestError
from scorp_runtime.datasets.shards import UNFINISHED
from scorp_runtime.text import lines as lines_module
from scorp_runtime.text.lines import LineFile, open_lines

TEXTS = ["2026-11", "12.50", "7"]
CONTENT = b"\xef\xbb\xbf2026-11\r\n\r\n  12.50 \n\n \t\n7"


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file() -> Path:
    path = Path("texts.txt")
    path.write_bytes(CONTENT)
    return path


def texts_of(folder: str) -> list[str]:
    with Path(folder, "metadata.csv").open(newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def test_a_page_shows_the_line_of_its_index(made: Any, file: Path, generator: Generator) -> None:
    made("text", "--lines", file, "set/", "--seed", 1)
    assert texts_of("set") == TEXTS
    made("text", "--lines", file, "more/", "--seed", 1, "-n", 5, "--start", 7)
    assert texts_of("more") == [TEXTS[index % 3] for index in range(7, 12)]
    made("text", "--lines", file, "one.png", "--seed", 1, "--start", 4, "-n", 1)
    lines = generator.lines(file, seed=1)
    assert [text for _, text in lines] == TEXTS
    page = generator.sequence("12.50", seed=1, index=1)
    assert np.array_equal(lines[1][0], page.image)
    assert (lines.page(1).writer, lines.page(1).text) == (page.writer, "12.50")


def test_the_pages_of_a_pattern_are_those_of_its_texts(made: Any, generator: Generator) -> None:
    made("text", "--pattern", "[0-9]{2}-?7", "set/", "--seed", 4, "-n", 20, "--start", 9, "--shards", 3)
    pattern = Pattern("[0-9]{2}-?7")
    assert texts_of("set") == [pattern.draw(4, index) for index in range(9, 29)]
    lines = generator.lines(pattern, 20, seed=4, start=9)
    assert [text for _, text in lines] == texts_of("set")
    report = json.loads(made("text", "--pattern", "[0-9]{3}", "a.png", "--seed", 1, "--json").stdout)
    assert report["text"] == Pattern("[0-9]{3}").draw(1)
    assert report["pattern"] == "[0-9]{3}"


@pytest.mark.parametrize("source", [["--lines", "texts.txt"], ["--pattern", "[0-9]{4}-?[01]7"]])
def test_a_killed_run_resumes_and_can_be_verified(
    made: Any, begin: Any, contents: Any, file: Path, source: list[str]
) -> None:
    words = ["text", *source, "-n", 400, "--shards", 20, "--seed", 4, "--format", "tar"]
    process = begin(*words, "set/", "--workers", 2, pattern=f"set/{UNFINISHED}/[0-9]*", count=2)
    process.kill()
    process.communicate()
    made(*words, "set/", "--resume", "--workers", 2)
    made(*words, "whole/")
    assert contents(Path("set")) == contents(Path("whole"))
    assert b"all 400 pages OK" in made("verify", "set").stdout
    made("verify", "set", "--workers", 2)


def test_verify_needs_the_same_file(made: Any, fails: Any, file: Path) -> None:
    made("text", "--lines", file, "set/", "--seed", 1)
    Path("other").mkdir()
    file.rename("other/texts.txt")
    assert "pass its path as --lines" in fails(1, "verify", "set")
    made("verify", "set", "--lines", "other/texts.txt")
    assert "No such file" in fails(1, "verify", "set", "--lines", "missing.txt")
    file.write_bytes(CONTENT.replace(b"7", b"8"))
    assert "texts.txt has changed" in fails(1, "verify", "set")
    assert "lines_sha256" in fails(2, "text", "--lines", file, "set/", "--seed", 1, "--resume")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"7\n\xff\n", "line 2 of texts.txt is not UTF-8"),
        ("7\n\nÉ2x\n".encode(), "line 3 of texts.txt: the model cannot write 'x', 'É'"),
        (b"7\n8\t9\n", r"line 2 of texts.txt: the model cannot write '\t'"),
        (b"7\n--\n/x\n", "line 2 of texts.txt has no character of the model"),
        (b"7\n" + b"7" * 4097, "line 2 of texts.txt is longer than 4096 characters"),
        (b"7\n" + b" " * 100_000 + b"7", "line 2 of texts.txt is longer than 4096 characters"),
        ("7\n".encode("utf-16"), "line 1 of texts.txt is not UTF-8"),
        (b"\xef\xbb\xbf\r\n \n", "texts.txt has no text"),
    ],
)
def test_an_error_names_the_line(fails: Any, file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    assert message in fails(2, "text", "--lines", file, "set/")
    assert not Path("set").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--lines", "missing.txt", "set/"], 1, "cannot read missing.txt: No such file"),
        (["--lines", ".", "set/"], 1, "is not a file"),
        (["7", "--lines", "texts.txt", "set/"], 2, "TEXT and --lines exclude each other"),
        (["--pattern", "7", "--lines", "texts.txt", "set/"], 2, "--lines and --pattern exclude"),
        (["--pattern", "7*", "set/"], 2, "cannot read the pattern '7*' at position 1"),
        (["--pattern", "x", "set/"], 2, "cannot write 'x'"),
        (["--pattern", "7", "--transliterate", "set/"], 2, "--transliterate"),
        (["--lines", "texts.txt", "a.png"], 2, "3 pages do not fit"),
        (["--pattern", "7", "set/", "--start", 2**52], 2, "index"),
    ],
)
def test_wrong_usage_is_one_line(fails: Any, file: Path, words: list[Any], code: int, message: str) -> None:
    assert message in fails(code, "text", *words)
    assert [path.name for path in Path().iterdir()] == ["texts.txt"]


def test_lines_are_transliterated_on_request(made: Any, fails: Any) -> None:
    Path("texts.txt").write_text("7\u20138\n\u00bd\n", encoding="utf-8")
    assert "line 1" in fails(2, "text", "--lines", "texts.txt", "set/")
    made("text", "--lines", "texts.txt", "set/", "--transliterate", "--seed", 1)
    assert texts_of("set") == ["7-8", "1/2"]
    made("verify", "set")


def test_verify_refuses_a_file_that_it_does_not_need(made: Any, fails: Any, file: Path) -> None:
    made("text", "7", "set/", "--seed", 1)
    assert "--lines is only" in fails(2, "verify", "set", "--lines", file)


@pytest.mark.parametrize("value", [7, None, [], {}])
def test_a_manifest_with_a_wrong_file_is_damaged(made: Any, fails: Any, file: Path, value: object) -> None:
    made("text", "--lines", file, "set/", "--seed", 1)
    document = json.loads(Path("set/provenance.json").read_text())
    document["spec"]["lines"] = value
    Path("set/provenance.json").write_text(json.dumps(document))
    assert "set/provenance.json" in fails(1, "verify", "set")


def test_digits_alone_select_the_small_model(made: Any, file: Path) -> None:
    file.write_text("12\n7 1\n")
    for source in (["--lines", file], ["--pattern", "[0-9 ]7"]):
        report = json.loads(made("text", *source, "set/", "--force", "--json", model=None).stdout)
        assert report["model"] == "digits"


def test_a_long_file_needs_constant_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "_MOST_PLACES", 64)
    path = Path("long.txt")
    with path.open("w") as stream:
        stream.writelines(f"{number}\n\n" for number in range(50_000))
    tracemalloc.start()
    lines = LineFile(path, in_ascii=False)
    assert tracemalloc.get_traced_memory()[1] < 200_000
    tracemalloc.stop()
    assert lines.count == 50_000
    for number in (0, 1, 777, 31_234, 49_999):
        assert lines.draw(0, number) == lines.draw(0, number + 50_000) == str(number)


def test_a_changed_file_is_read_again(file: Path) -> None:
    assert open_lines(file) is open_lines(file)
    before = open_lines(file)
    file.write_bytes(b"1\n")
    assert (open_lines(file).count, before.count) == (1, 3)
    with pytest.raises(DatasetError, match=r"texts\.txt"):
        before.draw(1, 2)


def test_a_line_dataset_is_a_sequence_that_can_be_pickled(generator: Generator, file: Path) -> None:
    options: dict[str, Any] = {"seed": 3, "writer": 12, "slant": (-5.0, 5.0), "layout": Layout(size=20)}
    for texts in (TEXTS, file, Pattern(r"\d{3}")):
        lines = generator.lines(texts, 8, invert=True, **options)
        again = pickle.loads(pickle.dumps(lines))
        assert len(lines) == len(again) == 8
        for position, (image, text) in enumerate(again[:]):
            page = generator.sequence(text, index=position, **options)
            assert np.array_equal(image, 255 - page.image)
            assert again.page(position).characters == page.characters
        assert [text for _, text in lines.__getitems__([3, 0])] == [again[3][1], again[-8][1]]
        for position in (8, -9):
            with pytest.raises(IndexError):
                lines[position]
        with pytest.raises(TypeError):
            lines["1"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("7", "a list of str"),
        ([], "a list of str"),
        (7, "a list of str"),
        (["7", "x"], "text 1: .*'x'"),
        (["7", 8], "text 1: .*not int"),
        (["7", "--"], "text 1: .*no character"),
    ],
)
def test_wrong_texts_are_refused_at_the_call(generator: Generator, texts: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        generator.lines(texts)
    with pytest.raises(RequestError, match="length"):
        generator.lines(["7"], 0)
    with pytest.raises(RequestError, match="slant"):
        generator.lines(["7"], slant=99)

"""A dataset in shards has the same files however it is split, whoever makes it, and wherever it was interrupted."""

import hashlib
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime import Effects, Generator, ModelError
from scorp_runtime.datasets import shards
from scorp_runtime.datasets.shards import UNFINISHED

FORMATS = ["folder", "idx", "npz", "tar", "parquet"]
IMAGE_WORDS = ["0-9", "-n", 500, "--seed", 4, "--shards", 9, "--slant", "-10..5"]
PAGE_WORDS = ["--text=20 -1", "--text=3,5", "-n", 11, "--seed", 4, "--start", 95, "--shards", 3, "--size", 20]
WORDS = {form: [*IMAGE_WORDS, "--format", form] for form in FORMATS}
WORDS |= {f"{form} of pages": [*PAGE_WORDS, "--format", form] for form in ("pages", "tar", "parquet")}
LINE_WORDS = ["text", "--pattern=[0-9]{2}-1", *PAGE_WORDS[2:]]
WORDS |= {f"{form} of lines": [*LINE_WORDS, "--format", form] for form in ("imagefolder", "tesseract")}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_one_process_several_processes_and_job_arrays_make_the_same_files(
    made: Any, contents: Any, tmp_path: Path, words: list[Any]
) -> None:
    total = words[words.index("--shards") + 1]
    made(*words, "one/")
    expected = contents(tmp_path / "one")
    assert not (tmp_path / "one" / UNFINISHED).exists()
    made(*words, "two/", "--workers", 2)
    assert contents(tmp_path / "two") == expected
    for number in reversed(range(total)):
        made(*words, "jobs/", "--shard", f"{number}/{total}")
    made(*words, "jobs/", "--resume")
    assert contents(tmp_path / "jobs") == expected


def test_the_jobs_of_an_array_can_be_repeated(made: Any, fails: Any, contents: Any, tmp_path: Path) -> None:
    words = ["0-9", "jobs/", "-n", 50, "--seed", 4, "--format", "tar"]
    for number in (2, 0, 1, 2):
        assert f"shard {number} of 3" in made(*words, "--shard", f"{number}/3").stderr.decode()
        assert "unfinished" in fails(1, "verify", "jobs")
    made(*words, "--shards", 3, "--resume")
    before = contents(tmp_path / "jobs")
    made(*words, "--shard", "1/3")  # nothing is left to do
    made(*words, "--shards", 3, "--resume")
    assert contents(tmp_path / "jobs") == before


@pytest.mark.parametrize("words", [WORDS["idx"], WORDS["pages of pages"], WORDS["tesseract of lines"]])
def test_the_number_of_shards_changes_no_image_and_no_table(
    made: Any, contents: Any, tmp_path: Path, words: list[Any]
) -> None:
    found = []
    for number in (1, 2, 11):
        made(*words, f"{number}/", "--shards", number)
        found.append(contents(tmp_path / str(number)))
        for name in ("README.md", "provenance.json"):  # they contain the number
            del found[-1][name]
    assert found[0] == found[1] == found[2]


def test_the_manifest_has_the_place_and_the_checksum_of_each_shard(
    made: Any, tmp_path: Path, generator: Generator
) -> None:
    made(*WORDS["idx"], "out/")
    rows = json.loads((tmp_path / "out" / "provenance.json").read_text())["shards"]
    start = 0
    for number, row in enumerate(rows):
        assert (row["shard"], row["start"]) == (number, str(start))
        assert row["count"] in (55, 56)
        batch = generator.generate("0-9", row["count"], seed=4, start=start, slant="-10..5")
        assert row["pixels_sha256"] == hashlib.sha256(batch.images.tobytes()).hexdigest()
        start += row["count"]
    assert (len(rows), start) == (9, 500)


@pytest.mark.parametrize(
    "words",
    [
        [
            *("1,5-7", "--per-class", "9,8,7,6", "--seed", 4, "--invert", "--scale", 2, "--slant", "-10..5"),
            *("--writer", 2**64 - 1, "--size", 20, "--breaks", 1, "--background", 40, "--format", "tar"),
        ],
        WORDS["pages of pages"],
        WORDS["imagefolder of lines"],
    ],
    ids=["images", "pages", "lines"],
)
def test_the_command_in_the_manifest_makes_the_same_dataset(
    made: Any, contents: Any, tmp_path: Path, tiny_bytes: bytes, words: list[Any]
) -> None:
    operands = 2 if words[0] == "text" else 1
    made(*words[:operands], "one/", *words[operands:])
    manifest = json.loads((tmp_path / "one" / "provenance.json").read_text())
    program, *rest = shlex.split(manifest["command"])
    assert program == "scorp-gen"
    assert f"`{manifest['command']}`" in (tmp_path / "one" / "README.md").read_text()
    (tmp_path / "tiny.onnx").write_bytes(tiny_bytes)
    made(*rest, model=None)
    assert contents(tmp_path / "OUTPUT") == contents(tmp_path / "one")
    made("verify", "one")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("form", "workers"), [("folder", 1), ("idx", 2), ("npz", 1), ("tar", 2), ("parquet", 1), ("pages", 2)]
)
def test_a_killed_run_resumes_to_the_same_files(
    made: Any, fails: Any, begin: Any, contents: Any, tmp_path: Path, form: str, workers: int
) -> None:
    what = ["--text", "40-7", "-n", 600] if form == "pages" else ["0-9", "-n", 1500]
    words = [*what, "--shards", 30, "--format", form]
    started = ["--seed", 4, "--workers", workers]
    process = begin(*words, "out/", *started, pattern=f"out/{UNFINISHED}/[0-9]*", count=2)
    process.kill()
    process.communicate()
    assert 2 <= len(list((tmp_path / "out" / UNFINISHED).glob("[0-9]*/shard.json"))) < 30
    assert "--resume" in fails(1, *words, "out/")
    made(*words, "out/", "--resume", "--workers", workers)  # the seed is known
    made(*words, "whole/", "--seed", 4)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("form", "file", "damage"),
    [
        *((form, "*", "a changed byte") for form in (*FORMATS, "pages")),
        ("npz", "*", "half"),
        ("npz", "*", "missing"),
        ("npz", "shard.json", "{}"),
        ("npz", "shard.json", "half"),
        ("npz", "shard.json", "missing"),
    ],
)
def test_a_damaged_shard_is_drawn_again(
    made: Any, contents: Any, tmp_path: Path, form: str, file: str, damage: str
) -> None:
    words = ["--text", "12", "-n", "4"] if form == "pages" else ["0-9", "-n", "10"]
    words += ["--seed", "1", "--format", form]
    made(*words, "set/", "--shard", "1/2")
    piece = tmp_path / "set" / UNFINISHED / "00001"
    files = [path for path in piece.rglob(file) if path.is_file()]
    path = min(path for path in files if (path.name == "shard.json") == (file == "shard.json"))
    data = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "half":
            path.write_bytes(data[: len(data) // 2])
        case "a changed byte":
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        case other:
            path.write_text(other)
    made(*words, "set/", "--shards", "2", "--resume")
    made(*words, "whole/", "--shards", "2")
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")


def test_writer_and_effects_belong_to_the_dataset(
    made: Any, fails: Any, generator: Generator, tmp_path: Path
) -> None:
    effects = {"size": 16, "shift": 1, "blur": 1, "noise": 2}
    words = [*WORDS["idx"], "out/", "--writer", 12]
    options = [word for name, value in effects.items() for word in (f"--{name}", value)]
    made(*words, *options, "--shard", "3/9")
    assert "differs in presentation" in fails(2, *words, "--size", 16, "--resume")
    made(*words, *options, "--resume")
    made("verify", "out")
    batch = generator.generate("0-9", 500, seed=4, writer=12, slant="-10..5")
    pixels = (tmp_path / "out" / "train-images-idx3-ubyte").read_bytes()[16:]
    assert pixels == Effects(**effects).apply(batch).images.tobytes()
    manifest = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert manifest["image_shape"] == [16, 16 * 10 // 12]
    assert (manifest["spec"]["writer"], manifest["spec"]["presentation"]) == ("12", effects)


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("form", FORMATS)
def test_gathering_can_be_interrupted_anywhere(
    made: Any, contents: Any, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(*WORDS[form], "whole/")
    moves = 0
    rename = Path.replace

    def stop_sometimes(source: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves in (1, 3, 7, 12):
            raise Stopped
        return rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop_sometimes)
        for _ in range(5):
            try:
                made(*WORDS[form], "out/", "--resume")
                break
            except Stopped:
                assert not (tmp_path / "out" / "provenance.json").exists()
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    (tmp_path / "out" / UNFINISHED).mkdir()  # as a kill at the very end leaves it
    made(*WORDS[form], "out/", "--resume")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not (tmp_path / "out" / UNFINISHED).exists()


def test_another_dataset_is_not_continued(made: Any, fails: Any, tmp_path: Path) -> None:
    made(*WORDS["idx"], "out/", "--shard", "0/9")
    words = ["0-9", "out/", "--format", "idx", "--slant", "-10..5", "--resume"]
    assert "differs in count" in fails(2, *words, "-n", 501, "--shards", 9)
    assert "differs in seed, shards" in fails(2, *words, "-n", 500, "--seed", 5)
    made("7", "out/", "--force")
    assert not (tmp_path / "out" / UNFINISHED).exists()


def test_another_model_on_another_machine_is_refused(made: Any, tmp_path: Path) -> None:
    made(*WORDS["idx"], "out/", "--shard", "0/9")
    spec = shards.known_spec(tmp_path / "out")
    assert spec is not None
    with pytest.raises(ModelError, match=r"tiny\.onnx"):
        shards.make_shard(replace(spec, model_sha256="0" * 64), tmp_path / "out", 1)

"""A dataset in shards has the same files however it is split, whoever makes it, and wherever it was interrupted."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import Effects, Generator, ModelError
from scorp_runtime.datasets.image_spec import ImageSpec
from scorp_runtime.datasets.manifest import read_spec
from scorp_runtime.datasets.page_spec import PageSpec
from scorp_runtime.datasets.shards import UNFINISHED, begin, finish, make_shard
from scorp_runtime.datasets.spec import DatasetSpec

FORMATS = ["folder", "idx", "npz", "tar", "parquet"]
_COMMON: dict[str, Any] = {
    "model": "m",
    "model_sha256": "",
    "count": 9,
    "seed": 0,
    "start": 0,
    "writer": None,
    "styles": {},
    "shards": 2,
    "invert": False,
}
PLAIN = ImageSpec(
    **_COMMON, what="0-9", per_class=None, class_weights=None, presentation={}, format="idx", scale=None
)
PAGES = PageSpec(**_COMMON, text="4,\n7", layout={"size": 20}, format="tar")
IMAGE_WORDS = ["0-9", "-n", 500, "--seed", 4, "--shards", 9, "--slant", "-10..5"]
PAGE_WORDS = ["--text=20 -1", "--text=3,5", "-n", 11, "--seed", 4, "--start", 95, "--shards", 3, "--size", 20]
WORDS = {form: [*IMAGE_WORDS, "--format", form] for form in FORMATS}
WORDS |= {f"{form} of pages": [*PAGE_WORDS, "--format", form] for form in ("pages", "tar", "parquet")}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def run(scorp_gen: Any) -> Callable[..., str]:
    """Runs a command that must succeed, and returns its stderr."""

    def run(*words: object, **options: Any) -> str:
        result = scorp_gen(*words, **options)
        assert result.returncode == 0, result.stderr
        return str(result.stderr.decode())

    return run


@pytest.fixture
def spec(generator: Generator) -> DatasetSpec:
    model = {"model": generator.model_file.place, "model_sha256": generator.model_sha256}
    return replace(PLAIN, **model, count=500, seed=4, styles={"slant": "-10..5"}, shards=9)


@settings(deadline=None)
@given(count=st.integers(1, 10**12), data=st.data())
def test_shards_are_consecutive_and_of_nearly_the_same_size(count: int, data: st.DataObject) -> None:
    shards = data.draw(st.integers(1, min(count, 50)))
    spec = replace(PLAIN, count=count, shards=shards)
    parts = [spec.part(number) for number in range(shards)]
    assert (parts[0].start, parts[-1].stop) == (0, count)
    assert all(part.stop == following.start for part, following in pairwise(parts))
    assert {len(part) for part in parts} <= {count // shards, -(-count // shards)}
    assert read_spec(json.loads(json.dumps(spec.to_json()))) == spec


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(
    spec=st.sampled_from([PLAIN, PAGES]),
    changes=st.dictionaries(
        st.sampled_from([field.name for kind in (ImageSpec, PageSpec) for field in fields(kind)]), _JSON
    ),
)
def test_a_changed_spec_is_read_or_refused(spec: DatasetSpec, changes: dict[str, Any]) -> None:
    try:
        found = read_spec(spec.to_json() | changes)
    except ValueError:
        return
    assert read_spec(found.to_json()) == found
    assert len(found.part(0)) > 0


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_one_process_several_processes_and_job_arrays_make_the_same_files(
    run: Any, tmp_path: Path, words: list[Any]
) -> None:
    total = words[words.index("--shards") + 1]
    run(*words, "one/")
    expected = files(tmp_path / "one")
    assert not (tmp_path / "one" / UNFINISHED).exists()
    run(*words, "two/", "--workers", 2)
    assert files(tmp_path / "two") == expected
    for number in reversed(range(total)):
        run(*words, "jobs/", "--shard", f"{number}/{total}")
    run(*words, "jobs/", "--resume")
    assert files(tmp_path / "jobs") == expected


def test_the_jobs_of_an_array_can_be_repeated(run: Any, scorp_gen: Any, tmp_path: Path) -> None:
    words = ["0-9", "jobs/", "-n", 50, "--seed", 4, "--format", "tar"]
    for number in (2, 0, 1, 2):
        assert f"shard {number} of 3" in run(*words, "--shard", f"{number}/3")
        result = scorp_gen("verify", "jobs")
        assert result.returncode == 1
        assert b"unfinished" in result.stderr
    run(*words, "--shards", 3, "--resume")
    before = files(tmp_path / "jobs")
    run(*words, "--shard", "1/3")  # nothing is left to do
    run(*words, "--shards", 3, "--resume")
    assert files(tmp_path / "jobs") == before


@pytest.mark.parametrize("words", [WORDS["idx"], WORDS["pages of pages"]], ids=["images", "pages"])
def test_the_number_of_shards_changes_no_image_and_no_table(
    run: Any, tmp_path: Path, words: list[Any]
) -> None:
    found = []
    for shards in (1, 2, 11):
        run(*words, f"{shards}/", "--shards", shards)
        found.append(files(tmp_path / str(shards)))
        for name in ("README.md", "provenance.json"):  # they contain the number
            del found[-1][name]
    assert found[0] == found[1] == found[2]


def test_the_row_of_a_shard_has_its_checksum(spec: DatasetSpec, generator: Generator, tmp_path: Path) -> None:
    begin(spec, tmp_path)
    for number in range(9):
        row = make_shard(spec, tmp_path, number)
        part = spec.part(number)
        batch = generator.generate("0-9", len(part), seed=4, start=part.start, slant="-10..5")
        assert row.pixels_sha256 == hashlib.sha256(batch.images.tobytes()).hexdigest()
        assert (row.shard, row.start, row.count) == (number, part.start, len(part))
    finish(generator, spec, tmp_path)
    rows = json.loads((tmp_path / "provenance.json").read_text())["shards"]
    assert [row["shard"] for row in rows] == list(range(9))


@pytest.mark.parametrize(
    "words",
    [
        [
            *("1,5-7", "--per-class", "9,8,7,6", "--seed", 4, "--invert", "--scale", 2, "--slant", "-10..5"),
            *("--writer", 2**64 - 1, "--size", 20, "--breaks", 1, "--background", 40, "--format", "tar"),
        ],
        WORDS["pages of pages"],
        ["text", "very thick forty-two", "-n", 3, "--seed", 1, "--writer", 12, "--invert"],
    ],
    ids=["images", "pages", "phrase"],
)
def test_the_command_in_the_manifest_makes_the_same_dataset(
    run: Any, tmp_path: Path, tiny_bytes: bytes, words: list[Any]
) -> None:
    operands = 2 if words[0] == "text" else 1
    run(*words[:operands], "one/", *words[operands:])
    manifest = json.loads((tmp_path / "one" / "provenance.json").read_text())
    program, *rest = shlex.split(manifest["command"])
    assert program == "scorp-gen"
    assert f"`{manifest['command']}`" in (tmp_path / "one" / "README.md").read_text()
    (tmp_path / "tiny.onnx").write_bytes(tiny_bytes)
    run(*rest, model=None)
    assert files(tmp_path / "OUTPUT") == files(tmp_path / "one")
    run("verify", "one")


@pytest.fixture
def start(tmp_path: Path, tiny_path: Path, environment: dict[str, str]) -> Callable[..., Any]:
    """Starts a command and waits until `shards` shards in `out` are finished."""

    def start(shards: int, *words: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "scorp_runtime", *map(str, words), "--model", str(tiny_path)]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "out" / UNFINISHED).glob("[0-9]*"))) < shards:
            assert process.poll() is None
            assert time.monotonic() < deadline
        return process

    return start


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("form", "workers"), [("folder", 1), ("idx", 2), ("npz", 1), ("tar", 2), ("parquet", 1), ("pages", 2)]
)
def test_a_killed_run_resumes_to_the_same_files(
    run: Any, scorp_gen: Any, start: Any, tmp_path: Path, form: str, workers: int
) -> None:
    what = ["--text", "40-7", "-n", 600] if form == "pages" else ["0-9", "-n", 1500]
    words = [*what, "--shards", 30, "--format", form]
    process = start(2, *words, "out/", "--seed", 4, "--workers", workers)
    process.kill()
    process.communicate()
    finished = list((tmp_path / "out" / UNFINISHED).glob("[0-9]*/shard.json"))
    assert 2 <= len(finished) < 30
    result = scorp_gen(*words, "out/")
    assert result.returncode == 1
    assert b"--resume" in result.stderr
    run(*words, "out/", "--resume", "--workers", workers)  # the seed is known
    run(*words, "whole/", "--seed", 4)
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_writer_and_effects_belong_to_the_dataset(
    spec: DatasetSpec, generator: Generator, run: Any, scorp_gen: Any, tmp_path: Path
) -> None:
    effects = {"size": 16, "shift": 1, "blur": 1, "noise": 2}
    words = [*WORDS["idx"], "out/", "--writer", 12]
    begun = replace(spec, writer=12, presentation=effects)
    begin(begun, tmp_path / "out")
    make_shard(begun, tmp_path / "out", 3)
    refused = scorp_gen(*words, "--size", 16, "--resume")
    assert refused.returncode == 2
    assert b"differs in presentation" in refused.stderr
    run(*words, *(word for name, value in effects.items() for word in (f"--{name}", value)), "--resume")
    run("verify", "out")
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
    spec: DatasetSpec, generator: Generator, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(spec, format=form)
    for name in ("whole", "out"):
        begin(spec, tmp_path / name)
        for number in range(9):
            make_shard(spec, tmp_path / name, number)
    finish(generator, spec, tmp_path / "whole")
    moves = 0
    rename = Path.replace

    def stop_sometimes(source: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves in (1, 3, 7, 12):
            raise Stopped
        return rename(source, target)

    monkeypatch.setattr(Path, "replace", stop_sometimes)
    for _ in range(5):
        try:
            finish(generator, spec, tmp_path / "out")
            break
        except Stopped:
            assert not (tmp_path / "out" / "provenance.json").exists()
    monkeypatch.undo()
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    (tmp_path / "out" / UNFINISHED).mkdir()  # as a kill at the very end leaves it
    assert not begin(spec, tmp_path / "out")
    assert files(tmp_path / "out") == files(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_workers_end_with_the_run(start: Any, tmp_path: Path, number: signal.Signals) -> None:
    words = ["0-9", "out/", "-n", 300_000, "--seed", 4, "--shards", 3000, "--workers", 2, "--format", "idx"]
    process = start(2, *words)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal sends it
    else:
        process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    if number != signal.SIGKILL:
        assert (process.returncode, stderr) == (128 + number, b"scorp-gen: interrupted\n")
    deadline = time.monotonic() + 60
    with pytest.raises(ProcessLookupError):  # noqa: PT012
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
    assert list((tmp_path / "out" / UNFINISHED).glob("[0-9]*/shard.json"))


def test_another_dataset_is_not_continued(
    spec: DatasetSpec, scorp_gen: Any, run: Any, tmp_path: Path
) -> None:
    begin(spec, tmp_path / "out")
    words = ["0-9", "out/", "--format", "idx", "--slant", "-10..5", "--resume"]
    for more, names in ((["-n", 501, "--shards", 9], b"count"), (["-n", 500, "--seed", 5], b"seed, shards")):
        result = scorp_gen(*words, *more)
        assert result.returncode == 2
        assert b"differs in " + names in result.stderr
    run("7", "out/", "--force")
    assert not (tmp_path / "out" / UNFINISHED).exists()


@pytest.mark.parametrize("option", [["--shard", "0/2"], ["--resume"], ["--shards", "2"]])
def test_a_folder_with_other_files_is_not_used(scorp_gen: Any, tmp_path: Path, option: list[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("kept")
    for force in ([], ["--force"]):
        result = scorp_gen("7", "out/", "-n", 9, "--seed", 1, *option, *force)
        assert result.returncode == 1, result.stderr
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_another_model_on_another_machine_is_refused(spec: DatasetSpec, tmp_path: Path) -> None:
    changed = replace(spec, model_sha256="0" * 64)
    begin(changed, tmp_path)
    with pytest.raises(ModelError, match=r"tiny\.onnx"):
        make_shard(changed, tmp_path, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_keeps_the_finished_shards(run: Any, scorp_gen: Any, tmp_path: Path) -> None:
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    result = scorp_gen(*WORDS["idx"], "out/", preexec_fn=limit)
    assert result.returncode == 1
    assert b"out/train-images-idx3-ubyte: File too large" in result.stderr
    assert len(list((tmp_path / "out" / UNFINISHED).glob("[0-9]*"))) == 9
    run(*WORDS["idx"], "out/", "--resume")
    assert np.fromfile(tmp_path / "out" / "train-images-idx3-ubyte", np.uint8).size == 16 + 500 * 120

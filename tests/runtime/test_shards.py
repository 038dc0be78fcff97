"""A dataset in shards: the same files however it is split, by whomever it is made, and wherever it was stopped."""

import json
import os
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

from scorp_runtime import Generator
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
    **_COMMON, what="7", per_class=None, class_weights=None, presentation={}, format="npz", scale=None
)
PAGES = PageSpec(**_COMMON, text="4,\n7", layout={"size": 20}, format="tar")
ASKED = ["0-9", "-n", 500, "--seed", 4, "--shards", 9, "--slant", "-10..5"]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def done(result: Any) -> str:
    assert result.returncode == 0, result.stderr
    return str(result.stderr.decode())


@pytest.fixture
def spec(generator: Generator) -> DatasetSpec:
    return ImageSpec(
        model=generator.model_file.place,
        model_sha256=generator.model_sha256,
        what="0-9",
        per_class=None,
        class_weights=None,
        count=500,
        seed=4,
        start=0,
        writer=None,
        styles={"slant": "-10..5"},
        presentation={},
        format="idx",
        shards=9,
        invert=False,
        scale=None,
    )


@settings(deadline=None)
@given(count=st.integers(1, 10**12), data=st.data())
def test_shards_are_stretches_of_nearly_the_same_size(count: int, data: st.DataObject) -> None:
    shards = data.draw(st.integers(1, min(count, 50)))
    spec = replace(PLAIN, count=count, shards=shards)
    parts = [spec.part(number) for number in range(shards)]
    assert parts[0].start == 0
    assert parts[-1].stop == count
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
def test_a_spec_that_was_tampered_with_is_read_or_refused(spec: DatasetSpec, changes: dict[str, Any]) -> None:
    try:
        found = read_spec(spec.to_json() | changes)
    except ValueError as error:
        assert str(error) == "no spec of a dataset"  # noqa: PT017
    else:
        assert read_spec(found.to_json()) == found
        assert len(found.part(0)) > 0


@pytest.mark.parametrize("form", FORMATS)
def test_one_process_or_two_make_the_same_files(scorp_gen: Any, tmp_path: Path, form: str) -> None:
    done(scorp_gen(*ASKED, "one/", "--format", form))
    done(scorp_gen(*ASKED, "two/", "--format", form, "--workers", 2))
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert not (tmp_path / "one" / UNFINISHED).exists()


def test_the_number_of_shards_changes_no_picture(scorp_gen: Any, tmp_path: Path) -> None:
    for shards in (1, 2, 40):
        done(scorp_gen("0-9", "-n", 500, "--seed", 4, "--shards", shards, f"{shards}/", "--format", "idx"))
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        assert len({(tmp_path / str(shards) / name).read_bytes() for shards in (1, 2, 40)}) == 1


def test_the_jobs_of_an_array_make_the_same_files_in_any_order(scorp_gen: Any, tmp_path: Path) -> None:
    words = ["0-9", "-n", 50, "--seed", 4, "--format", "tar"]
    done(scorp_gen(*words, "whole/", "--shards", 3))
    for number in (2, 0, 1, 2):
        told = done(scorp_gen(*words, "jobs/", "--shard", f"{number}/3"))
        assert f"shard {number} of 3 of 50 pictures" in told
        result = scorp_gen("verify", "jobs")
        assert result.returncode == 1
        assert b"is unfinished" in result.stderr
    done(scorp_gen(*words, "jobs/", "--shards", 3, "--resume"))
    assert files(tmp_path / "jobs") == files(tmp_path / "whole")
    before = files(tmp_path / "jobs")
    done(scorp_gen(*words, "jobs/", "--shard", "1/3"))  # a job that is run again has nothing to do
    done(scorp_gen(*words, "jobs/", "--shards", 3, "--resume"))
    assert files(tmp_path / "jobs") == before


def test_a_row_of_the_manifest_is_small_and_true(
    spec: DatasetSpec, generator: Generator, tmp_path: Path
) -> None:
    import hashlib

    begin(spec, tmp_path)
    for number in range(9):
        row = make_shard(spec, tmp_path, number)
        assert len(json.dumps(row.to_json())) < 1000
        part = spec.part(number)
        batch = generator.generate("0-9", len(part), seed=4, start=part.start, slant="-10..5")
        assert row.pixels_sha256 == hashlib.sha256(batch.images.tobytes()).hexdigest()
        assert (row.shard, row.start, row.count) == (number, part.start, len(part))
    finish(generator, spec, tmp_path)
    said = json.loads((tmp_path / "provenance.json").read_text())
    assert [row["shard"] for row in said["shards"]] == list(range(9))


def test_the_command_of_the_provenance_makes_the_same_dataset(
    scorp_gen: Any, tmp_path: Path, generator: Generator
) -> None:
    import shlex

    words = ["1,5-7", "--per-class", "9,8,7,6", "--seed", 4, "--invert", "--scale", 2, "--slant", "-10..5"]
    words += ["--writer", 2**64 - 1, "--size", 20, "--breaks", 1, "--background", 40]
    done(scorp_gen(*words, "one/", "--format", "tar", "--shards", 4))
    command = json.loads((tmp_path / "one" / "provenance.json").read_text())["command"]
    program, *rest = shlex.split(command)
    assert program == "scorp-gen"
    assert f"`{command}`" in (tmp_path / "one" / "README.md").read_text()
    (tmp_path / "tiny.onnx").write_bytes(Path(generator.model_file.place).read_bytes())
    done(scorp_gen(*rest, model=None))
    assert files(tmp_path / "OUTPUT") == files(tmp_path / "one")


@pytest.fixture
def killed(tmp_path: Path, tiny_path: Path, environment: dict[str, str]) -> Callable[..., None]:
    """Runs a command and kills it once `shards` of its shards are ready."""

    def run(shards: int, *words: object) -> None:
        command = [sys.executable, "-m", "scorp_runtime", *map(str, words), "--model", str(tiny_path)]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "out").glob(f"{UNFINISHED}/[0-9]*"))) < shards:
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.kill()
        process.wait()

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("form", "workers"), [("folder", 1), ("idx", 2), ("npz", 1), ("tar", 2), ("parquet", 1), ("pages", 2)]
)
def test_a_killed_run_goes_on_to_the_same_files(
    scorp_gen: Any, killed: Any, tmp_path: Path, form: str, workers: int
) -> None:
    subject = ["--text", "40-7", "-n", 600] if form == "pages" else ["0-9", "-n", 1500]
    words = [*subject, "--shards", 30, "--format", form]
    killed(2, *words, "out/", "--seed", 4, "--workers", workers)
    ready = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "out" / UNFINISHED).glob("[0-9]*/shard.json")
    }
    assert 2 <= len(ready) < 30
    result = scorp_gen(*words, "out/")
    assert result.returncode == 1
    assert b"--resume goes on with the dataset begun there" in result.stderr
    done(scorp_gen(*words, "out/", "--resume", "--workers", workers))  # without the seed: it is known
    done(scorp_gen(*words, "whole/", "--seed", 4))
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_writer_and_presentation_are_part_of_a_dataset(
    spec: DatasetSpec, generator: Generator, scorp_gen: Any, tmp_path: Path
) -> None:
    from scorp_runtime import Presentation

    asked = {"size": 16, "shift": 1, "blur": 1, "noise": 2}
    words = [*ASKED, "out/", "--format", "idx", "--writer", 12]
    presented = [word for name, value in asked.items() for word in (f"--{name}", value)]
    begun = replace(spec, writer=12, presentation=asked)
    begin(begun, tmp_path / "out")
    make_shard(begun, tmp_path / "out", 3)
    refused = scorp_gen(*words, "--size", 16, "--resume")
    assert refused.returncode == 2
    assert b"differs in presentation" in refused.stderr
    done(scorp_gen(*words, *presented, "--resume"))
    done(scorp_gen("verify", "out", "--workers", 2))
    batch = generator.generate("0-9", 500, seed=4, writer=12, slant="-10..5")
    pixels = (tmp_path / "out" / "train-images-idx3-ubyte").read_bytes()[16:]
    assert pixels == Presentation(**asked).apply(batch).images.tobytes()
    said = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert said["image_shape"] == [16, 16 * 10 // 12]
    assert (said["spec"]["writer"], said["spec"]["presentation"]) == ("12", asked)


@pytest.mark.parametrize("form", FORMATS)
def test_gathering_that_was_stopped_anywhere_is_done_again(
    spec: DatasetSpec, generator: Generator, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scorp_runtime.datasets import shards

    class Stopped(BaseException):
        pass

    def make(folder: Path) -> None:
        begin(wanted, folder)
        for number in range(9):
            make_shard(wanted, folder, number)

    wanted = replace(spec, format=form)
    make(tmp_path / "whole")
    finish(generator, wanted, tmp_path / "whole")
    make(tmp_path / "out")
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
            finish(generator, wanted, tmp_path / "out")
            break
        except Stopped:
            assert not (tmp_path / "out" / "provenance.json").exists()
    monkeypatch.undo()
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    (tmp_path / "out" / UNFINISHED).mkdir()  # as a kill at the very end leaves it
    assert not shards.begin(wanted, tmp_path / "out")
    assert files(tmp_path / "out") == files(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_a_run_that_was_stopped(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    words = ["0-9", "out/", "-n", "300000", "--seed", "4", "--shards", "3000", "--workers", "2"]
    command = [sys.executable, "-m", "scorp_runtime", *words, "--format", "idx", "--model", str(tiny_path)]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "out" / UNFINISHED / "00001").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal sends it
    else:
        process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    if number != signal.SIGKILL:
        assert (process.returncode, stderr) == (128 + number, b"scorp-gen: interrupted\n")
    with pytest.raises(ProcessLookupError):  # noqa: PT012
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
    assert (tmp_path / "out" / UNFINISHED / "00001" / "shard.json").exists()


def test_another_dataset_is_not_gone_on_with(spec: DatasetSpec, scorp_gen: Any, tmp_path: Path) -> None:
    begin(spec, tmp_path / "out")
    words = ["0-9", "out/", "--format", "idx", "--slant", "-10..5", "--resume"]
    result = scorp_gen(*words, "-n", 501, "--shards", 9)
    assert result.returncode == 2
    assert b"the dataset in out differs in count" in result.stderr
    result = scorp_gen(*words, "-n", 500, "--seed", 5, "--shards", 8)
    assert b"differs in seed, shards" in result.stderr
    done(scorp_gen("7", "out/", "--force"))
    assert not (tmp_path / "out" / UNFINISHED).exists()


@pytest.mark.parametrize("option", [["--shard", "0/2"], ["--resume"], ["--shards", "2"]])
def test_a_folder_of_something_else_is_not_filled(scorp_gen: Any, tmp_path: Path, option: list[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("kept")
    for force in ([], ["--force"]):
        result = scorp_gen("7", "out/", "-n", 9, "--seed", 1, *option, *force)
        assert result.returncode == 1, result.stderr
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_model_that_changed_meanwhile_is_refused(
    spec: DatasetSpec, generator: Generator, tmp_path: Path
) -> None:
    from scorp_runtime import ModelError

    changed = replace(spec, model_sha256="0" * 64)
    begin(changed, tmp_path)
    with pytest.raises(ModelError, match="is another one here"):
        make_shard(changed, tmp_path, 0)


def test_a_full_disk_keeps_what_is_ready(scorp_gen: Any, tmp_path: Path) -> None:
    import resource

    limit = 30_000
    result = scorp_gen(
        *ASKED,
        "out/",
        "--format",
        "idx",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert result.returncode == 1
    assert result.stderr.decode() == "scorp-gen: cannot write out/train-images-idx3-ubyte: File too large\n"
    assert len(list((tmp_path / "out" / UNFINISHED).glob("[0-9]*"))) == 9
    done(scorp_gen(*ASKED, "out/", "--format", "idx", "--resume"))
    assert np.fromfile(tmp_path / "out" / "train-images-idx3-ubyte", np.uint8).size == 16 + 500 * 120

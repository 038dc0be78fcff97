"""Files, folders and datasets are replaced atomically: the old or the new one is complete at any time."""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import output
from scorp_runtime.cli.main import main
from scorp_runtime.datasets import shards
from scorp_runtime.datasets.shards import UNFINISHED
from scorp_runtime.errors import OutputError
from scorp_runtime.files import atomic
from scorp_runtime.files.atomic import (
    atomic_file,
    atomic_folder,
    recover,
    replacement_path,
    resumable_folder,
    write_files,
)
from scorp_runtime.files.locks import try_lock, unlock
from scorp_runtime.formats import folder
from scorp_runtime.formats.format import Shard
from scorp_runtime.formats.job import Sample
from scorp_runtime.formats.png import png_bytes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, locks and forks of POSIX")

STOPPED, PAST, COMPLETE = 9, 10, 0
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.fsync"}
OLD = {"a.txt": b"old", "7/x": b"old", "7/y": b"old"}
NEW = {"b.txt": b"new", "7/x": b"new"}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def replace_file(root: Path) -> None:
    with atomic_file(root / "set" / "a.txt") as stream:
        stream.write(b"new")


def replace_folder(root: Path) -> None:
    with atomic_folder(root / "set", replace=True) as new:
        fill(new, NEW)


def replace_by_names(root: Path) -> None:
    atomic._exchange = lambda first, second: False
    replace_folder(root)


def replace_current(root: Path) -> None:
    os.chdir(root / "set")
    replace_folder(root)


def replace_lasting(root: Path) -> None:
    with resumable_folder(root / "set", resume=True) as new:
        fill(new, NEW)


def run_until(step: int, work: Callable[[Path], None], root: Path, failure: str) -> int:
    """Run `work` in a process that is killed, or gets an error, at a step; return its exit code."""
    child = os.fork()
    if child == 0:
        steps = count()

        def hook(event: str, arguments: Any) -> None:
            if event in STEPS and next(steps) == step:
                if failure == "kill":
                    os._exit(STOPPED)
                raise OSError(errno.EIO, "failed")

        def audited_fsync(descriptor: int) -> None:
            hook("os.fsync", ())

        os.fsync = audited_fsync
        code = 70
        try:
            sys.addaudithook(hook)
            work(root)
            code = PAST if next(steps) > step else COMPLETE
        except OutputError:
            code = STOPPED
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (STOPPED, PAST, COMPLETE)
    return code


@pytest.mark.parametrize("failure", ["kill", "error"])
@pytest.mark.parametrize(
    "work", [replace_file, replace_folder, replace_by_names, replace_current, replace_lasting]
)
def test_an_interruption_at_any_step_keeps_the_old_or_the_new_one(
    tmp_path: Path, work: Callable[[Path], None], failure: str
) -> None:
    import ctypes  # noqa: F401 -- not while steps are counted

    new = OLD | {"a.txt": b"new"} if work is replace_file else NEW
    for step in count():
        root = tmp_path / str(step)
        fill(root / "set", OLD)
        end = run_until(step, work, root, failure)
        in_one_step = work in (replace_file, replace_folder, replace_lasting)
        if failure == "kill" and not in_one_step:
            recover(root / "set")
        found = {name: data for name, data in contents(root / "set").items() if not name.startswith(".")}
        assert found in (OLD, new), step
        assert run_until(1000, work, root, "kill") == COMPLETE
        assert contents(root / "set") == new
        assert hidden(root) == [], step
        assert names(root) == ["set"]
        if end == COMPLETE:
            break
    assert step > 5


@pytest.fixture
def command(tiny_path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> Any:
    """Runs scorp-gen in an empty folder, and returns its exit code and stderr."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words: str) -> tuple[int, str]:
        code = main([*words, "--model", str(tiny_path)])
        return code, capsys.readouterr().err

    return run


def ok(result: tuple[int, str]) -> None:
    assert result[0] == 0, result[1]


def refused(result: tuple[int, str]) -> str:
    assert result[0] == 1, result
    assert result[1].count("\n") == 1
    assert result[1].startswith("scorp-gen: ")
    return result[1]


TEN = ["0-9", "-n", "10", "--seed"]
SHARDS, WORKERS = ["--shards", "2"], ["--workers", "2"]
PLACES = [("set", "./"), ("set", "."), ("set", "../set"), ("set/sub", ".."), (".", "link/"), ("link", ".")]


@pytest.mark.parametrize(
    ("here", "target", "form", "more"),
    [
        *((*place, "idx", more) for place in PLACES for more in ([], SHARDS)),
        *(("set", "./", form, []) for form in ("folder", "npz", "pages")),
        (".", "./set/", "folder", WORKERS),
        ("set", ".", "npz", WORKERS),
    ],
)
def test_a_dataset_is_replaced_from_any_current_folder(
    command: Any, monkeypatch: Any, here: str, target: str, form: str, more: list[str]
) -> None:
    root = Path.cwd()
    words = ["--text", "12", "-n", "4", "--seed"] if form == "pages" else [*TEN]
    ok(command(*words, "1", "set/", "--format", form))
    Path("link").symlink_to("set")
    ok(command(*words, "2", "new/", "--format", form, *more))
    if here == "set/sub":
        Path(here).mkdir()
    monkeypatch.chdir(here)
    ok(command(*words, "2", target, "--format", form, "--force", *more))
    if here != "set/sub":
        assert (Path() / "provenance.json").exists() == (here != ".")
    assert contents(root / "set") == contents(root / "new")
    assert names(root) == ["link", "new", "set"]
    assert hidden(root) == []


class Stopped(BaseException):
    pass


def stop_after(monkeypatch: Any, shards_made: int, then: Callable[[], object]) -> list[int]:
    """Call `then` before a shard; return the numbers of the shards that are made."""
    made: list[int] = []
    write = shards.write_shard

    def write_shard(generator: Any, spec: Any, folder: Path, number: int) -> Any:
        if len(made) == shards_made:
            then()
        made.append(number)
        return write(generator, spec, folder, number)

    monkeypatch.setattr(shards, "write_shard", write_shard)
    return made


def stop() -> None:
    raise Stopped


def seed_of_set() -> str:
    seed: str = json.loads(Path("set", "provenance.json").read_text())["spec"]["seed"]
    return seed


@pytest.mark.parametrize("form", ["folder", "npz"])
def test_the_old_dataset_is_kept_until_the_new_one_is_complete(
    command: Any, monkeypatch: Any, form: str
) -> None:
    words = [*TEN[:-1], "set/", "--format", form, "--force", "--shards", "5"]
    ok(command(*words, "--seed", "1"))
    old = contents(Path("set"))
    with monkeypatch.context() as patched:
        stop_after(patched, 3, stop)
        with pytest.raises(Stopped):
            command(*words, "--seed", "2")
    assert contents(Path("set")) == old
    ok(command("verify", "set"))
    assert "--resume" in refused(command(*words[:-3], "--shards", "5", "--seed", "2"))
    with monkeypatch.context() as patched:
        made = stop_after(patched, 9, stop)
        ok(command(*words, "--resume"))
    assert made == [3, 4]
    ok(command("verify", "set"))
    assert seed_of_set() == "2"
    with monkeypatch.context() as patched:
        stop_after(patched, 3, stop)
        with pytest.raises(Stopped):
            command(*words, "--seed", "3")
    ok(command(*words, "--seed", "4"))  # without --resume, it starts again
    assert seed_of_set() == "4"
    assert names(Path()) == ["set"]


def test_a_file_that_the_user_adds_meanwhile_is_kept(command: Any, monkeypatch: Any) -> None:
    for more in ([], ["--shards", "5"]):
        words = [*TEN[:-1], "set/", "--format", "idx", "--force", *more]
        ok(command(*words, "--seed", "1"))
        with monkeypatch.context() as patched:
            stop_after(patched, 0, lambda: Path("set", "notes.txt").write_text("kept"))
            assert "notes.txt" in refused(command(*words, "--seed", "2"))
        assert Path("set", "notes.txt").read_text() == "kept"
        Path("set", "notes.txt").unlink()
        ok(command("verify", "set"))


def test_two_processes_do_not_replace_the_same_dataset(command: Any) -> None:
    words = [*TEN, "1", "set/", "--force", "--shards", "2"]
    ok(command(*words))
    replacement_path(Path("set").resolve()).mkdir()
    held = try_lock(replacement_path(Path("set").resolve()))
    refused(command(*words))
    unlock(held)
    ok(command(*words))


@pytest.mark.parametrize("more", [[], SHARDS])
@pytest.mark.parametrize("reason", ["mount point", "no permission"])
def test_a_folder_that_cannot_be_swapped_is_filled_and_not_replaced(
    command: Any, monkeypatch: Any, reason: str, more: list[str]
) -> None:
    Path("set").mkdir()
    mounted, parent, access = Path("set").resolve(), Path.cwd(), os.access
    if reason == "mount point":
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == mounted)
    else:
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != parent and access(path, mode))
    ok(command(*TEN, "1", "set/", *more))
    old = contents(Path("set"))
    made = stop_after(monkeypatch, 0, stop)
    assert reason in refused(command(*TEN, "2", "set/", "--force", *more))
    assert made == []
    assert contents(Path("set")) == old
    assert names(Path()) == ["set"]


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] if how == "cut" else data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.parametrize("how", ["cut", "flipped"])
@pytest.mark.parametrize("form", ["folder", "idx", "npz", "tar", "parquet", "pages"])
def test_a_damaged_shard_is_drawn_again(command: Any, form: str, how: str) -> None:
    words = ["--text", "12", "-n", "4"] if form == "pages" else [*TEN[:-1]]
    words += ["--seed", "1", "--format", form]
    for number in range(2):
        ok(command(*words, "set/", "--shard", f"{number}/2"))
    piece = Path("set", UNFINISHED, "00001")
    files = [path for path in piece.rglob("*") if path.is_file() and path.name != "shard.json"]
    damage(min(files), how)
    ok(command(*words, "set/", "--shards", "2", "--resume"))
    ok(command("verify", "set"))
    ok(command(*words, "whole/", "--shards", "2"))
    assert contents(Path("set")) == contents(Path("whole"))


def test_shards_of_an_earlier_version_are_resumed(command: Any) -> None:
    words = [*TEN, "1", "set/", "--format", "npz"]
    for number in range(2):
        ok(command(*words, "--shard", f"{number}/2"))
        record = Path("set", UNFINISHED, f"0000{number}", "shard.json")
        document = json.loads(record.read_text())
        del document["files"]
        record.write_text(json.dumps(document))
    ok(command(*words, "--shards", "2", "--resume"))
    ok(command("verify", "set"))


@pytest.mark.parametrize("exchange", [True, False])
def test_two_jobs_may_finish_the_same_shard(command: Any, monkeypatch: Any, exchange: bool) -> None:
    if not exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda first, second: False)
    rename = Path.rename
    words = [*TEN, "1", "set/", "--format", "npz", "--shard", "0/2"]
    another = True

    def rename_last(source: Path, target: Path) -> Path:
        nonlocal another
        if another and target.name == "00000":
            another = False
            ok(command(*words))  # the other job finishes first
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", rename_last)
    ok(command(*words))
    assert not another
    assert names(Path("set", UNFINISHED)) == ["00000", "spec.json"]
    ok(command(*words[:-2], "--shards", "2", "--resume"))
    ok(command("verify", "set"))


def test_only_one_process_finishes_a_dataset(command: Any) -> None:
    words = [*TEN, "1", "set/", "--format", "npz"]
    ok(command(*words, "--shard", "0/1"))
    held = try_lock(Path("set", UNFINISHED))
    refused(command(*words, "--shards", "1", "--resume"))
    unlock(held)
    ok(command(*words, "--shards", "1", "--resume"))
    ok(command("verify", "set"))


@pytest.mark.parametrize(
    "words", [["7", "a.png"], ["0-9", "a.npz"], ["--text", "12", "a.png"], ["--text", "1", "a.tar"]]
)
def test_a_file_is_replaced_unless_no_clobber(command: Any, words: list[str]) -> None:
    name = words[-1]
    ok(command(*words, "--seed", "1", "--no-clobber"))
    first = Path(name).read_bytes()
    assert name in refused(command(*words, "--seed", "2", "--no-clobber"))
    assert Path(name).read_bytes() == first
    ok(command(*words, "--seed", "2"))
    assert Path(name).read_bytes() != first
    assert names(Path()) == [name]


def test_a_file_that_appears_meanwhile_is_not_clobbered(tmp_path: Path) -> None:
    with pytest.raises(OutputError), atomic_file(tmp_path / "a", replace=False):
        (tmp_path / "a").write_text("kept")
    assert contents(tmp_path) == {"a": b"kept"}


def test_hidden_files_of_others_are_kept(tmp_path: Path) -> None:
    others = [".a.notes.partial", ".a.old", ".a.partial", ".a.2026-01-01.old"]
    for name in others:
        (tmp_path / name).mkdir()
    with atomic_folder(tmp_path / "a", replace=True):
        pass
    assert names(tmp_path) == sorted([*others, "a"])


def test_a_name_that_ends_in_a_backslash_is_a_folder_on_windows(monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    assert output.output_format("digits\\", None, ("png",), "folder") == ("folder", True)


def test_classes_that_differ_only_in_case_are_refused_on_case_insensitive_disks(
    generator: Generator, tmp_path: Path, monkeypatch: Any
) -> None:

    mkdir = Path.mkdir

    def case_insensitive_mkdir(path: Path, *arguments: Any, **options: Any) -> None:
        if path.parent.is_dir() and path.name.lower() in map(str.lower, names(path.parent)):
            raise FileExistsError(errno.EEXIST, "File exists")
        mkdir(path, *arguments, **options)

    pieces = [tmp_path / "0", tmp_path / "1"]
    for piece, name in zip(pieces, "aA", strict=True):
        fill(piece, {f"{name}/{piece.name}.png": b"", "metadata.csv": b"file_name\n"})
    (tmp_path / "set").mkdir()
    folder.FORMAT.gather(pieces, tmp_path / "set", ())
    assert {"a/0.png", "A/1.png"} <= contents(tmp_path / "set").keys()
    shutil.rmtree(tmp_path / "set")
    (tmp_path / "set").mkdir()
    fill(pieces[0], {"a/0.png": b""})
    fill(pieces[1], {"A/1.png": b""})
    monkeypatch.setattr(Path, "mkdir", case_insensitive_mkdir)
    with pytest.raises(OutputError, match="case"):
        folder.FORMAT.gather(pieces, tmp_path / "set", ())


def test_styles_in_a_table_are_read_exactly(tmp_path: Path) -> None:
    style = float(np.float32(123456.78))
    fields = {"class": "7", "label": 7, "seed": 1, "index": 0, "thickness": style}
    row = folder._row("7/0.png", Sample("0", np.zeros((2, 2), np.uint8), {}, fields))
    fill(tmp_path, {"7/0.png": png_bytes(np.zeros((2, 2), np.uint8), {})})
    (tmp_path / "metadata.csv").write_text(
        "file_name,label,seed,index,thickness\n" + ",".join(map(str, row)) + "\n"
    )
    (stored,) = folder.FORMAT.read(tmp_path, Shard("", range(1)), list("0123456789"))
    assert stored.fields["thickness"] == style


def test_several_files_are_replaced_after_all_are_written(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"old", "b": b"old"})
    (tmp_path / "c").mkdir()
    new = dict.fromkeys((tmp_path / name for name in "abc"), b"new")
    with pytest.raises(OutputError):
        write_files(new)
    assert contents(tmp_path) == {"a": b"old", "b": b"old"}
    (tmp_path / "c").rmdir()
    write_files(new)
    assert contents(tmp_path) == dict.fromkeys("abc", b"new")

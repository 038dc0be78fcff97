"""Files and folders are replaced atomically: the old or the new one is complete at any time."""

import errno
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.errors import OutputError
from scorp_runtime.files import atomic
from scorp_runtime.files.atomic import atomic_file, atomic_folder, recover, resumable_folder, write_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, locks and forks of POSIX")

STOPPED, PAST, COMPLETE = 9, 10, 0
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.fsync"}
OLD = {"a.txt": b"old", "7/x": b"old", "7/y": b"old"}
NEW = {"b.txt": b"new", "7/x": b"new"}


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
    tmp_path: Path, contents: Any, work: Callable[[Path], None], failure: str
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


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a") as first:
        first.write(b"first")
        with atomic_file(tmp_path / "a") as second:
            second.write(b"second")
        assert (tmp_path / "a").read_bytes() == b"second"
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


def test_a_file_that_appears_meanwhile_is_not_clobbered(tmp_path: Path) -> None:
    with pytest.raises(OutputError), atomic_file(tmp_path / "a", replace=False):
        (tmp_path / "a").write_text("kept")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "kept")]


def test_hidden_files_of_others_are_kept(tmp_path: Path) -> None:
    others = [".a.notes.partial", ".a.old", ".a.partial", ".a.2026-01-01.old"]
    for name in others:
        (tmp_path / name).mkdir()
    with atomic_folder(tmp_path / "a", replace=True):
        pass
    assert names(tmp_path) == sorted([*others, "a"])


def test_several_files_are_replaced_after_all_are_written(tmp_path: Path, contents: Any) -> None:
    fill(tmp_path, {"a": b"old", "b": b"old"})
    (tmp_path / "c").mkdir()
    new = dict.fromkeys((tmp_path / name for name in "abc"), b"new")
    with pytest.raises(OutputError):
        write_files(new)
    assert contents(tmp_path) == {"a": b"old", "b": b"old"}
    (tmp_path / "c").rmdir()
    write_files(new)
    assert contents(tmp_path) == dict.fromkeys("abc", b"new")

"""Files of killed processes are removed by the next one; those of running processes are kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scorp_runtime.files.atomic import atomic_file, atomic_folder
from scorp_runtime.files.locks import try_lock, unlock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")

KILLED = """
import os, signal, sys
from pathlib import Path
from scorp_runtime.files.atomic import atomic_file, atomic_folder
path = Path(sys.argv[1])
with atomic_folder(path, replace=True) as begun:
    (begun / "half").write_text("half")
    with atomic_file(path.with_name("b")) as stream:
        stream.write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-P", "-c", KILLED, tmp_path / "a"], check=False)
    left = names(tmp_path)
    assert [name[:3] + name[-8:] for name in left] == [".a..partial", ".b..partial"]
    (tmp_path / ".a.of my own").touch()
    with atomic_folder(tmp_path / "a", replace=False) as begun:
        (begun / "whole").touch()
    with atomic_file(tmp_path / "b") as stream:
        stream.write(b"whole")
    assert names(tmp_path) == [".a.of my own", "a", "b"]


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a") as first:
        first.write(b"first")
        with atomic_file(tmp_path / "a") as second:
            second.write(b"second")
        assert (tmp_path / "a").read_bytes() == b"second"
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


def test_an_interrupted_replacement_is_undone(tmp_path: Path) -> None:
    (tmp_path / ".a.01234567.old").mkdir()
    (tmp_path / ".a.01234567.old" / "mine").touch()
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "a", replace=True):
        raise RuntimeError
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a", "a/mine"]
    (tmp_path / ".a.76543210.old").mkdir()
    with atomic_folder(tmp_path / "a", replace=True) as begun:
        (begun / "new").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a", "a/new"]


def test_a_lock_has_one_owner(tmp_path: Path) -> None:
    held = try_lock(tmp_path)
    assert held is not None
    assert try_lock(tmp_path) is None
    unlock(held)
    again = try_lock(tmp_path)
    assert again is not None
    os.close(again)

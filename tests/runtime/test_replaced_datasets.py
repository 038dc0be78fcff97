"""A dataset is replaced when the new one is complete, and only if `scorp-gen` made everything in its folder."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.cli import output
from scorp_runtime.datasets import shards
from scorp_runtime.datasets.shards import UNFINISHED
from scorp_runtime.files import atomic
from scorp_runtime.files.atomic import replacement_path
from scorp_runtime.files.locks import try_lock, unlock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and locks of POSIX")

TEN = ["0-9", "set/", "-n", "10", "--seed"]
SHARDS, WORKERS = ["--shards", "2"], ["--workers", "2"]


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("here", "target", "form", "more"),
    [
        *(("set", "./", form, []) for form in ("folder", "idx", "npz", "pages", "tesseract")),
        ("set", "../set", "idx", SHARDS),
        ("set", ".", "npz", WORKERS),
        ("set/sub", "..", "idx", []),
        (".", "link/", "idx", SHARDS),
        ("link", ".", "idx", SHARDS),
        (".", "./set/", "folder", WORKERS),
    ],
)
def test_a_dataset_is_replaced_from_any_current_folder(
    made: Any, contents: Any, tmp_path: Path, here: str, target: str, form: str, more: list[str]
) -> None:
    words = ["--text", "12", "-n", "4"] if form in ("pages", "tesseract") else ["0-9", "-n", "10"]
    words += ["--format", form]
    made(*words, "set/", "--seed", "1")
    Path("link").symlink_to("set")
    made(*words, "new/", "--seed", "2", *more)
    Path(here).mkdir(exist_ok=True)
    made(*words, target, "--seed", "2", "--force", *more, cwd=tmp_path / here)
    assert contents(Path("set")) == contents(Path("new"))
    assert names(Path()) == ["link", "new", "set"]
    assert list(Path().rglob(".*")) == []


class Stopped(BaseException):
    pass


def stop() -> None:
    raise Stopped


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


def seed_of_set() -> str:
    seed: str = json.loads(Path("set", "provenance.json").read_text())["spec"]["seed"]
    return seed


@pytest.mark.parametrize("form", ["folder", "npz"])
def test_the_old_dataset_is_kept_until_the_new_one_is_complete(
    made: Any, fails: Any, contents: Any, monkeypatch: Any, form: str
) -> None:
    words = [*TEN[:-1], "--format", form, "--shards", "5"]
    made(*words, "--seed", "1")
    old = contents(Path("set"))
    with monkeypatch.context() as patched:
        stop_after(patched, 3, stop)
        with pytest.raises(Stopped):
            made(*words, "--seed", "2", "--force")
    assert contents(Path("set")) == old
    made("verify", "set")
    assert "--resume" in fails(1, *words, "--seed", "2")
    with monkeypatch.context() as patched:
        numbers = stop_after(patched, 9, stop)
        made(*words, "--force", "--resume")
    assert numbers == [3, 4]
    made("verify", "set")
    assert seed_of_set() == "2"
    with monkeypatch.context() as patched:
        stop_after(patched, 3, stop)
        with pytest.raises(Stopped):
            made(*words, "--seed", "3", "--force")
    made(*words, "--seed", "4", "--force")  # without --resume, it starts again
    assert seed_of_set() == "4"
    assert names(Path()) == ["set"]


@pytest.mark.parametrize("more", [[], SHARDS])
@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("7 set/", "notes.txt"),
        ("7 set/", "7/00000099.png"),
        ("7 set/", "other/00000001.png"),
        ("--format tar 7 set/", "train-00000-of-00009.tar"),
        ("--format npz 7 set/", "link"),
        ("text 12 set/", "00000099.box"),
    ],
)
def test_a_dataset_with_foreign_files_is_not_replaced(
    made: Any, fails: Any, contents: Any, tmp_path: Path, words: str, place: str, more: list[str]
) -> None:
    command = [*words.split(), "-n", 3, "--seed"]
    made(*command, 1)
    foreign = Path("set", place)
    if place == "link":
        foreign.symlink_to(tmp_path)
    else:
        foreign.parent.mkdir(exist_ok=True)
        foreign.write_text("kept")
    before = contents(Path("set"))
    assert f"set/{place} " in fails(1, *command, 2, "--force", *more)
    assert contents(Path("set")) == before
    foreign.unlink()
    made(*command, 2, "--force", *more)


def test_a_folder_of_the_user_is_neither_filled_nor_replaced(fails: Any) -> None:
    Path("set").mkdir()
    Path("set", "thesis.txt").write_text("kept")
    for what in (["7"], ["--text", "7"]):
        for more in ([], ["--shard", "0/2"], ["--resume"], SHARDS):
            for force in ([], ["--force"]):
                assert " set" in fails(1, *what, "set/", "-n", 9, "--seed", 1, *more, *force)
    assert names(Path("set")) == ["thesis.txt"]


def test_only_force_replaces_a_dataset(made: Any, fails: Any) -> None:
    made(*TEN, 1)
    assert "--force" in fails(1, *TEN, 2)
    made("2", "set/", "--force")
    assert names(Path("set")) == ["2", "README.md", "metadata.csv", "provenance.json"]
    assert names(Path()) == ["set"]


def test_a_file_that_the_user_adds_meanwhile_is_kept(made: Any, fails: Any, monkeypatch: Any) -> None:
    for more in ([], SHARDS):
        made(*TEN, "1", "--force", *more)
        with monkeypatch.context() as patched:
            stop_after(patched, 0, lambda: Path("set", "notes.txt").write_text("kept"))
            assert "notes.txt" in fails(1, *TEN, "2", "--force", *more)
        assert Path("set", "notes.txt").read_text() == "kept"
        Path("set", "notes.txt").unlink()
        made("verify", "set")


def test_only_one_process_replaces_or_finishes_a_dataset(made: Any, fails: Any) -> None:
    made(*TEN, "1", *SHARDS)
    place = replacement_path(Path("set").resolve())
    place.mkdir()
    held = try_lock(place)
    fails(1, *TEN, "1", "--force", *SHARDS)
    unlock(held)
    made("0-9", "new/", "--seed", "1", "--shard", "0/1")
    held = try_lock(Path("new", UNFINISHED))
    fails(1, "0-9", "new/", "--shards", "1", "--resume")
    unlock(held)
    made("0-9", "new/", "--shards", "1", "--resume")
    made("verify", "new")


@pytest.mark.parametrize("more", [[], SHARDS])
@pytest.mark.parametrize("reason", ["mount point", "no permission"])
def test_a_folder_that_cannot_be_swapped_is_filled_and_not_replaced(
    made: Any, fails: Any, contents: Any, monkeypatch: Any, reason: str, more: list[str]
) -> None:
    Path("set").mkdir()
    mounted, parent, access = Path("set").resolve(), Path.cwd(), os.access
    if reason == "mount point":
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == mounted)
    else:
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != parent and access(path, mode))
    made(*TEN, "1", *more)
    old = contents(Path("set"))
    numbers = stop_after(monkeypatch, 0, stop)
    assert reason in fails(1, *TEN, "2", "--force", *more)
    assert numbers == []
    assert contents(Path("set")) == old
    assert names(Path()) == ["set"]


@pytest.mark.parametrize("exchange", [True, False])
def test_two_jobs_may_finish_the_same_shard(made: Any, monkeypatch: Any, exchange: bool) -> None:
    if not exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda first, second: False)
    rename = Path.rename
    words = [*TEN, "1", "--format", "npz"]
    another = True

    def rename_last(source: Path, target: Path) -> Path:
        nonlocal another
        if another and target.name == "00000":
            another = False
            made(*words, "--shard", "0/2")  # the other job finishes first
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", rename_last)
    made(*words, "--shard", "0/2")
    assert not another
    assert names(Path("set", UNFINISHED)) == ["00000", "spec.json"]
    made(*words, "--shards", "2", "--resume")
    made("verify", "set")


@pytest.mark.parametrize(
    "words", [["7", "a.png"], ["0-9", "a.npz"], ["--text", "12", "a.png"], ["--text", "1", "a.tar"]]
)
def test_a_file_is_replaced_unless_no_clobber(made: Any, fails: Any, words: list[str]) -> None:
    name = words[-1]
    made(*words, "--seed", "1", "--no-clobber")
    first = Path(name).read_bytes()
    assert name in fails(1, *words, "--seed", "2", "--no-clobber")
    assert Path(name).read_bytes() == first
    made(*words, "--seed", "2")
    assert Path(name).read_bytes() != first
    assert names(Path()) == [name]


def test_a_name_that_ends_in_a_backslash_is_a_folder_on_windows(monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    assert output.output_format("digits\\", None, ("png",), "folder") == ("folder", True)

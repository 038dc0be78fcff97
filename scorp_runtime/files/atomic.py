"""Replace files and folders atomically.

The new file or folder is written next to its target under a hidden name, flushed to disk, and renamed. The old one is
deleted last. An error or a signal removes the new one and keeps the old one. A killed process leaves hidden files or
folders; the next process that writes to the same target removes or restores them.

All functions raise `OutputError` if they cannot write.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from scorp_runtime.errors import OutputError

from .locks import remove, remove_abandoned, try_lock, unlock

PARTIAL = ".partial"
"""Suffix of the hidden name of a file or folder that is being written or deleted."""

_OLD = ".old"
_INCOMING, _ENTERING, _ASIDE = ".scorp-incoming", ".scorp-entering", ".scorp-aside"
_TOKEN = "[0-9a-f]" * 8
_FEW = 64  # files that are flushed one by one; for more, flushing the whole disk is faster

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def atomic_file(path: Path, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when the block ends without an error.

    A link is followed, an existing file keeps its permissions, and a device or a pipe is written to directly. An
    existing file is an error if `replace` is false.
    """
    with _writing(path):
        target = _target(path)
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        _check_free(path, target, replace=replace)
        with _locked(_new_partial(target), Path.touch) as partial:
            with partial.open("wb") as stream:
                yield stream
            if target.exists():
                partial.chmod(stat.S_IMODE(target.stat().st_mode))
            _check_free(path, target, replace=replace)
            flush(partial, target)
            partial.replace(target)
            _flush_name(target)


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files. They are replaced in order, after all have been written."""
    with ExitStack() as replaced:
        # The stack replaces the last file first.
        streams = [(replaced.enter_context(atomic_file(path)), path) for path in reversed(list(contents))]
        for stream, path in streams:
            with _writing(path):
                stream.write(contents[path])
                stream.flush()


@contextmanager
def atomic_folder(path: Path, *, replace: bool, tidy: bool = True) -> Iterator[Path]:
    """Make a folder that replaces `path` when the block ends without an error.

    A folder with contents is an error if `replace` is false. If `tidy`, the files of killed processes are removed
    first; this is slow next to many other folders.
    """
    with _writing(path):
        target = _folder_target(path, tidy=tidy)
        if not replace and target.is_dir() and any(target.iterdir()):
            raise OutputError(f"cannot write {path}: the folder is not empty")
        with _locked(_new_partial(target, tidy=tidy), Path.mkdir) as partial:
            yield partial
            flush(partial, target)
            _swap(partial, target)
            _flush_name(target)


@contextmanager
def resumable_folder(path: Path, *, resume: bool) -> Iterator[Path]:
    """Make a folder that replaces `path` when the block ends, and that is kept if the block is interrupted.

    `resume` keeps the contents that an interrupted block left; otherwise they are deleted. It is an error if another
    process is replacing the folder.
    """
    with _writing(path):
        target = _folder_target(path, tidy=True)
        new, partial, held = replacement_path(target), _new_partial(target), None
        new.mkdir(exist_ok=True)
        try:
            with suppress(OSError):  # there may be no locks
                held = try_lock(new)
                if held is None:
                    raise OutputError(f"cannot write {path}: another process is replacing it")
            if not resume:
                for entry in new.iterdir():
                    remove(entry)
            yield new
            flush(new, target)
            new.rename(partial)  # a folder of this name is never resumed
            try:
                _swap(partial, target)
            except BaseException:
                with suppress(OSError):
                    partial.rename(new)
                raise
            _flush_name(target)
        finally:
            unlock(held)
            remove(partial)


def replacement_path(target: Path) -> Path:
    """Return the folder in which `resumable_folder` builds the replacement of the folder at an absolute path."""
    return target.with_name(f".{target.name}.new")


def real_path(path: Path) -> Path:
    """Return the absolute path with links followed; it stays valid when the current directory is replaced."""
    with _writing(path):
        return Path(os.path.realpath(path))


def why_not_swapped(target: Path) -> str | None:
    """Return the reason why the folder at an absolute path cannot be replaced; None if it can."""
    if os.path.ismount(target):  # `Path.is_mount` does not know Windows before Python 3.12
        return "it is a mount point"
    if target.is_dir() and not os.access(target.parent, os.W_OK | os.X_OK):
        return f"no permission to write in {target.parent}"
    return None


def recover(target: Path) -> None:
    """Complete or undo the replacement of a folder that a killed process did not finish; may raise `OSError`."""
    for old in target.parent.glob(f".{escape(target.name)}.{_TOKEN}{_OLD}"):
        if target.exists():
            remove(old)
        else:
            old.rename(target)
    _recover_entries(target)


def _swap(new: Path, target: Path) -> None:
    """Replace the folder `target` by `new`; the old one is deleted or gets the name of the new one."""
    with suppress(FileNotFoundError):
        new.chmod(stat.S_IMODE(target.stat().st_mode))
    if _is_current(target):
        _swap_entries(new, target)
    elif not _exchange(new, target):
        _swap_names(new, target)


def _swap_names(new: Path, target: Path) -> None:
    """Rename the folder at `target` to a hidden name and `new` to `target`; then delete the old one."""
    old = _hidden_sibling(target, _OLD)
    try:
        while True:
            with suppress(FileNotFoundError):
                target.rename(old)
            try:
                new.rename(target)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                remove(old)  # another process has just replaced it
            else:
                return
    finally:
        if target.exists():
            remove(old)
        elif old.exists():
            old.rename(target)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step; return False if that fails, as it does outside Linux or if a name is missing."""
    names = _AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second)
    return _system_call("renameat2", *names, _RENAME_EXCHANGE)


def _system_call(name: str, *arguments: int | bytes) -> bool:
    """Call a function of the C library; return False if it fails or does not exist."""
    import ctypes  # slow to import

    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return False
    return bool(function(*arguments) == 0)


def _is_current(target: Path) -> bool:
    """Return whether a folder is the current directory, which the user's shell should not lose."""
    return target.is_dir() and target.samefile(os.curdir)


def _swap_entries(new: Path, target: Path) -> None:
    """Replace the entries of a folder by those of another one, and keep the folder itself.

    The new folder moves into the old one as `_INCOMING`, and the old entries into `_ASIDE`. A recovery at this stage
    restores the old entries. Then `_INCOMING` is renamed to `_ENTERING`; a recovery from here on completes the swap.
    """
    token = token_hex(4)
    incoming, aside = target / f".{token}{_INCOMING}", target / f".{token}{_ASIDE}"
    old = list(target.iterdir())
    new.rename(incoming)
    try:
        aside.mkdir()
        for entry in old:
            entry.rename(aside / entry.name)
        incoming.rename(incoming.with_suffix(_ENTERING))
    except BaseException:
        _move_entries(aside, target)
        incoming.rename(new)
        raise
    try:
        _recover_entries(target)
    except BaseException:  # a signal
        _recover_entries(target)
        raise


def _recover_entries(target: Path) -> None:
    """Complete or undo an interrupted `_swap_entries`."""
    for entering in target.glob(f".{_TOKEN}{_ENTERING}"):
        _move_entries(entering, target)
        _flush_one(target)
        entering.rmdir()
    for incoming in target.glob(f".{_TOKEN}{_INCOMING}"):
        _move_entries(incoming.with_suffix(_ASIDE), target)
        remove(incoming)
    for aside in target.glob(f".{_TOKEN}{_ASIDE}"):
        remove(aside)


def _move_entries(source: Path, target: Path) -> None:
    for entry in list(source.iterdir()) if source.is_dir() else ():
        entry.rename(target / entry.name)


def flush(path: Path, target: Path) -> None:
    """Flush a file, or a folder with all its contents, to disk before it is renamed to `target`.

    Inside a folder that is itself hidden, this does nothing; that folder is flushed as a whole later.
    """
    if _is_hidden(target):
        return
    paths = [path]
    for inner, folders, files in os.walk(path):
        paths += [Path(inner, name) for name in (*folders, *files)]
    if len(paths) <= _FEW or not _flush_disk(path):
        for inside in paths:
            _flush_one(inside)


def _is_hidden(target: Path) -> bool:
    return any(part.startswith(".") and part.endswith(PARTIAL) for part in target.parts)


def _flush_disk(folder: Path) -> bool:
    """Flush the disk that holds a folder; return False if that fails, as it does outside Linux."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return _system_call("syncfs", descriptor)
    finally:
        os.close(descriptor)


def _flush_name(target: Path) -> None:
    """Flush the name of a file or folder to disk."""
    if not _is_hidden(target):
        _flush_one(target.parent)


def _flush_one(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk, if the system supports it."""
    try:
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:  # a folder on Windows, or one without permission to read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _folder_target(path: Path, *, tidy: bool) -> Path:
    """Return the absolute path of a folder, recover it, and check that it can be replaced."""
    target = _target(path)
    if tidy:
        recover(target)
    if target.exists() and not target.is_dir():
        raise OutputError(f"cannot write {path}: it is a file, not a folder")
    if reason := why_not_swapped(target):
        raise OutputError(f"cannot replace the folder {path}: {reason}")
    return target


def _check_free(path: Path, target: Path, *, replace: bool) -> None:
    if not replace and target.exists():
        raise OutputError(f"cannot write {path}: it exists, and --no-clobber is set")


def _target(path: Path) -> Path:
    """Follow links, and check the permission to write, which a rename would ignore."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():  # a loop of links
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target


def _new_partial(target: Path, *, tidy: bool = True) -> Path:
    """Return a hidden path next to `target`; if `tidy`, remove the files or folders of killed processes there."""
    if tidy:
        remove_abandoned(target.parent, f".{escape(target.name)}.{_TOKEN}{PARTIAL}")
    return _hidden_sibling(target, PARTIAL)


@contextmanager
def _locked(partial: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make a hidden file or folder and lock it; remove what is left of it at the end of the block."""
    held = None
    try:  # before the file is made, as a signal may arrive at any time
        while True:
            make(partial)
            with suppress(OSError):
                held = try_lock(partial)
            if partial.exists():  # not removed as abandoned before it was locked
                break
            unlock(held)
            held = None
        yield partial
    finally:
        unlock(held)
        remove(partial)


def _hidden_sibling(target: Path, suffix: str) -> Path:
    return target.with_name(f".{target.name}.{token_hex(4)}{suffix}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has stopped; this is not a failure
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    except OutputError as error:  # a file within this folder, whose path means nothing to the user
        if isinstance(cause := error.__cause__, OSError):
            raise OutputError(f"cannot write {path}: {cause.strerror or cause}") from cause
        raise

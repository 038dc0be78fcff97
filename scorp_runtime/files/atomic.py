"""Replace files and folders atomically.

The new file or folder is written beside its place under a hidden name, flushed to disk, and swapped in; only then is
the old one deleted. An error or a signal removes the new one and leaves the old one as it was. A killed process leaves
hidden files or folders, which the next process that writes to the same place removes or puts back.
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

from .locks import remove_abandoned, try_lock, unlock

PARTIAL = ".partial"
"""Suffix of the hidden name of a file or folder that is being written, or that is no longer needed."""

BESIDE = ".new"
"""Suffix of the hidden name of a folder that will replace another one and that outlives an interruption."""

_OLD = ".old"
_INCOMING, _ENTERING, _ASIDE = ".scorp-incoming", ".scorp-entering", ".scorp-aside"
_TOKEN = "[0-9a-f]" * 8
_FEW = 64
"""Files that are flushed one by one; flushing the whole disk is faster for many, but waits for other processes."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def atomic_file(path: Path, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when the block ends without an error.

    A link is followed, an existing file keeps its permissions, and a device or a pipe is written to directly.

    Args:
        path: the file.
        replace: whether an existing file may be replaced.

    Raises:
        OutputError: if `path` cannot be written, or exists and may not be replaced.
    """
    with _writing(path):
        place = _place(path)
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                yield stream
            return
        _check_free(path, place, replace=replace)
        partial, held = _new_partial(place), None
        try:  # before anything is made: a signal may come at once
            held = _begin(partial, Path.touch)
            with partial.open("wb") as stream:
                yield stream
            if place.exists():
                partial.chmod(stat.S_IMODE(place.stat().st_mode))
            _check_free(path, place, replace=replace)
            flush(partial, place)
            partial.replace(place)
            _flush_name(place)
        finally:
            unlock(held)
            partial.unlink(missing_ok=True)


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files, and replace none before all have been written; they are replaced in order.

    Raises:
        OutputError: if one cannot be written.
    """
    with ExitStack() as replaced:
        # The stack closes the last one first.
        streams = [(replaced.enter_context(atomic_file(path)), path) for path in reversed(list(contents))]
        for stream, path in streams:
            with _writing(path):
                stream.write(contents[path])
                stream.flush()


@contextmanager
def atomic_folder(path: Path, *, replace: bool, tidy: bool = True) -> Iterator[Path]:
    """Make a folder that takes the place of `path` when the block ends without an error.

    Args:
        path: a folder that is missing, empty, or, if `replace`, to be replaced with all its contents.
        replace: whether a folder with contents may be replaced.
        tidy: whether to look beside it, first, for what killed processes left, which takes long among many folders.

    Raises:
        OutputError: if `path` cannot be written, or has contents and may not be replaced.
    """
    with _writing(path):
        place = _folder_place(path, tidy=tidy)
        if not replace and place.is_dir() and any(place.iterdir()):
            raise OutputError(f"cannot write {path}: the folder is not empty")
        partial, held = _new_partial(place) if tidy else _beside(place, PARTIAL), None
        try:
            held = _begin(partial, Path.mkdir)
            yield partial
            flush(partial, place)
            _swap(partial, place)
            _flush_name(place)
        finally:
            unlock(held)
            _remove(partial)


@contextmanager
def resumable_folder(path: Path, *, resume: bool) -> Iterator[Path]:
    """Make a folder that replaces `path` when the block ends, and that outlives an interruption until then.

    Args:
        path: a folder, which is replaced with all its contents.
        resume: whether to continue what an interrupted block left; otherwise that is deleted.

    Raises:
        OutputError: if `path` cannot be written, or another process is replacing it.
    """
    with _writing(path):
        place = _folder_place(path, tidy=True)
        new, partial, held = replacement_path(place), _new_partial(place), None
        new.mkdir(exist_ok=True)
        try:
            with suppress(OSError):  # no locks here
                held = try_lock(new)
                if held is None:
                    raise OutputError(f"cannot write {path}: another process is replacing it")
            if not resume:
                for entry in new.iterdir():
                    _remove(entry)
            yield new
            flush(new, place)
            new.rename(
                partial
            )  # what is left under this name, be it the new or the old one, is never resumed
            try:
                _swap(partial, place)
            except BaseException:
                with suppress(OSError):
                    partial.rename(new)
                raise
            _flush_name(place)
        finally:
            unlock(held)
            _remove(partial)


def replacement_path(place: Path) -> Path:
    """Return the folder in which `resumable_folder` makes the replacement of the folder at an absolute path."""
    return place.with_name(f".{place.name}{BESIDE}")


def real_path(path: Path) -> Path:
    """Return the absolute path with links followed, which stays valid when the current directory is replaced.

    Raises:
        OutputError: if there is none.
    """
    with _writing(path):
        return Path(os.path.realpath(path))


def why_not_swapped(place: Path) -> str | None:
    """Return why the folder at an absolute path cannot be swapped for another one; None if it can."""
    if os.path.ismount(place):  # `Path.is_mount` does not know Windows before Python 3.12
        return "it is a mount point"
    if place.is_dir() and not os.access(place.parent, os.W_OK | os.X_OK):
        return f"no permission to write in {place.parent}"
    return None


def recover(place: Path) -> None:
    """Complete or undo the swap of a folder that a killed process left half done.

    Raises:
        OSError: if that fails.
    """
    for old in place.parent.glob(f".{escape(place.name)}.{_TOKEN}{_OLD}"):
        if place.exists():
            _remove(old)
        else:
            old.rename(place)
    _recover_entries(place)


def _swap(new: Path, place: Path) -> None:
    """Put a folder in the place of another one, which is deleted or gets the name of the new one."""
    with suppress(FileNotFoundError):
        new.chmod(stat.S_IMODE(place.stat().st_mode))
    if _is_current(place):
        _swap_entries(new, place)
    elif not _exchange(new, place):
        _swap_names(new, place)


def _swap_names(new: Path, place: Path) -> None:
    """Rename the folder at `place` to a hidden name and `new` to `place`; then delete the old one."""
    old = _beside(place, _OLD)
    try:
        while True:
            with suppress(FileNotFoundError):
                place.rename(old)
            try:
                new.rename(place)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                _remove(old)  # another process has just replaced it
            else:
                return
    finally:
        if place.exists():
            _remove(old)
        elif old.exists():
            old.rename(place)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step; return whether that worked, which needs Linux and two existing names."""
    import ctypes  # slow, and a file needs none of it

    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    names = _AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second)
    return bool(renameat2(*names, _RENAME_EXCHANGE) == 0)


def _is_current(place: Path) -> bool:
    """Tell whether it is the current directory, which the shell that started the command should not lose."""
    return place.is_dir() and place.samefile(os.curdir)


def _swap_entries(new: Path, place: Path) -> None:
    """Replace the entries of a folder by those of another one, and keep the folder itself.

    The new entries wait in the folder under a hidden name, and the old ones go into another. While the first is
    `_INCOMING`, recovery brings the old entries back. Once it is `_ENTERING`, recovery brings the new ones in.
    """
    token = token_hex(4)
    incoming, aside = place / f".{token}{_INCOMING}", place / f".{token}{_ASIDE}"
    old = list(place.iterdir())
    new.rename(incoming)
    try:
        aside.mkdir()
        for entry in old:
            entry.rename(aside / entry.name)
        incoming.rename(incoming.with_suffix(_ENTERING))
    except BaseException:
        _move_entries(aside, place)
        incoming.rename(new)
        raise
    try:
        _recover_entries(place)
    except BaseException:  # a signal, which comes once
        _recover_entries(place)
        raise


def _recover_entries(place: Path) -> None:
    """Complete or undo what `_swap_entries` began; nothing else in the folder is touched."""
    for entering in place.glob(f".{_TOKEN}{_ENTERING}"):
        _move_entries(entering, place)
        _flush_one(place)
        entering.rmdir()
    for incoming in place.glob(f".{_TOKEN}{_INCOMING}"):
        _move_entries(incoming.with_suffix(_ASIDE), place)
        _remove(incoming)
    for aside in place.glob(f".{_TOKEN}{_ASIDE}"):
        _remove(aside)


def _move_entries(source: Path, target: Path) -> None:
    for entry in list(source.iterdir()) if source.is_dir() else ():
        entry.rename(target / entry.name)


def flush(path: Path, place: Path) -> None:
    """Write a file, or a folder with all its contents, to disk before it is renamed to `place`.

    Inside a folder that is itself still hidden, nothing is done: that folder is flushed as a whole.

    Raises:
        OSError: if that fails.
    """
    if _is_hidden(place):
        return
    paths = [path]
    for inner, folders, files in os.walk(path):
        paths += [Path(inner, name) for name in (*folders, *files)]
    if len(paths) <= _FEW or not _flush_disk(path):
        for inside in paths:
            _flush_one(inside)


def _is_hidden(place: Path) -> bool:
    return any(part.startswith(".") and part.endswith(PARTIAL) for part in place.parts)


def _flush_disk(folder: Path) -> bool:
    """Write all of the disk that holds a folder; return whether that worked, which needs Linux."""
    import ctypes  # slow, and a file needs none of it

    try:
        syncfs = ctypes.CDLL(None).syncfs
    except (AttributeError, OSError, TypeError):
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)


def _flush_name(place: Path) -> None:
    """Write the name of a file or folder to disk, as `flush` does its contents."""
    if not _is_hidden(place):
        _flush_one(place.parent)


def _flush_one(path: Path) -> None:
    """Write a file, or the names in a folder, to disk; where the system cannot, do nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:  # a folder on Windows, or one that may be written and not read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    """Remove a file, or a folder with its contents, as far as possible."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # slow, and a file needs none of it

        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _folder_place(path: Path, *, tidy: bool) -> Path:
    """Return the absolute path of a folder to be written, after recovering it and checking that it can be swapped."""
    place = _place(path)
    if tidy:
        recover(place)
    if place.exists() and not place.is_dir():
        raise OutputError(f"cannot write {path}: it is a file, not a folder")
    if reason := why_not_swapped(place):
        raise OutputError(f"cannot replace the folder {path}: {reason}")
    return place


def _check_free(path: Path, place: Path, *, replace: bool) -> None:
    if not replace and place.exists():
        raise OutputError(f"cannot write {path}: it exists, and --no-clobber is set")


def _place(path: Path) -> Path:
    """Follow links, and refuse what is there and may not be written: a rename would ask its folder alone."""
    place = Path(os.path.realpath(path))
    if place.is_symlink():  # still one: it leads back to itself
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if place.exists() and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return place


def _new_partial(place: Path) -> Path:
    """Name a hidden file or folder beside `place`, after removing those of killed processes."""
    remove_abandoned(place.parent, f".{escape(place.name)}.{_TOKEN}{PARTIAL}")
    return _beside(place, PARTIAL)


def _begin(partial: Path, make: Callable[[Path], None]) -> int | None:
    """Make a hidden file or folder, and return the descriptor of its lock."""
    while True:
        make(partial)
        held = None
        with suppress(OSError):
            held = try_lock(partial)
        if partial.exists():  # nobody took it for abandoned before it was held
            return held
        unlock(held)


def _beside(place: Path, suffix: str) -> Path:
    return place.with_name(f".{place.name}.{token_hex(4)}{suffix}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # a reader that has seen enough, not a failure
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    except OutputError as error:  # of a file within this folder, whose place the caller does not know
        if isinstance(cause := error.__cause__, OSError):
            raise OutputError(f"cannot write {path}: {cause.strerror or cause}") from cause
        raise

"""Files and folders that appear whole or not at all.

Both are written beside their place under a hidden name and then renamed. Whatever ends the writing early (an error,
a full disk, an interrupt) removes what was begun and leaves what was there before. A process that is killed removes
nothing; whoever writes to the same place next does it.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from .claims import claim, release, remove_abandoned
from .errors import OutputError

PARTIAL = ".partial"
"""How the name of what is half written ends; it begins with a dot."""

_OLD = ".old"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when the block ends without an error.

    A link is followed, an existing file keeps its permissions, and what is no regular file (a device, a pipe) is
    written to directly.

    Raises:
        OutputError: if `path` cannot be written.
    """
    with _writing(path):
        place = _place(path)
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                yield stream
            return
        partial, held = _new_partial(place), None
        try:  # before anything is made: a signal may come at once
            held = _begin(partial, Path.touch)
            with partial.open("wb") as stream:
                yield stream
            if place.exists():
                partial.chmod(stat.S_IMODE(place.stat().st_mode))
            partial.replace(place)
        finally:
            release(held)
            partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, *, replace: bool) -> Iterator[Path]:
    """Make a folder that takes the place of `path` when the block ends without an error.

    Args:
        path: a folder that is missing, empty, or, if `replace`, to be replaced with all that it holds.
        replace: whether a folder that holds something may go.

    Raises:
        OutputError: if `path` cannot be written, or holds something and may not be replaced.
    """
    with _writing(path):
        place = _place(path)
        _recover(place)
        if place.exists() and not place.is_dir():
            raise OutputError(f"cannot write {path}: it is a file, not a folder")
        if not replace and place.is_dir() and any(place.iterdir()):
            raise OutputError(f"cannot write {path}: the folder is not empty")
        old = _beside(place, _OLD)
        partial, held = _new_partial(place), None
        try:
            held = _begin(partial, Path.mkdir)
            yield partial
            with suppress(FileNotFoundError):
                partial.chmod(stat.S_IMODE(place.stat().st_mode))
                place.rename(old)
            partial.rename(place)
        except BaseException:
            if old.exists() and not place.exists():
                old.rename(place)
            raise
        finally:
            release(held)
            _remove(partial)
            _remove(old)


def _remove(folder: Path) -> None:
    if folder.exists():
        import shutil  # slow, and a file needs none of it

        shutil.rmtree(folder, ignore_errors=True)


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
    remove_abandoned(place.parent, f".{place.name}.", PARTIAL)
    return _beside(place, PARTIAL)


def _begin(partial: Path, make: Callable[[Path], None]) -> int | None:
    """Make a hidden file or folder, and return what holds it."""
    while True:
        make(partial)
        held = None
        with suppress(OSError):
            held = claim(partial)
        if partial.exists():  # nobody took it for abandoned before it was held
            return held
        release(held)


def _recover(place: Path) -> None:
    """Bring back the folder that a process put aside and, as it was killed, did not replace; else remove it."""
    for old in place.parent.glob(f".{escape(place.name)}.????????{_OLD}"):
        if place.exists():
            _remove(old)
        else:
            old.rename(place)


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

"""Advisory locks on files and folders, which the system releases when the process ends.

Windows and some disks have no such locks. There, nothing is locked, and nothing counts as abandoned.
"""

import os
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def try_lock(path: Path) -> int | None:
    """Lock a file or folder and return a descriptor for `unlock`; None if it is already locked.

    Raises:
        OSError: if the path does not exist, or the system has no locks.
    """
    if fcntl is None:
        raise OSError("this system has no file locks")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


def unlock(descriptor: int | None) -> None:
    """Release a lock; None does nothing."""
    if descriptor is not None:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Delete a file, or a folder with its contents, as far as possible."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # slow to import

        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Delete the files and folders that match a glob pattern and that no process has locked."""
    with suppress(OSError):  # a folder that cannot be listed needs no cleaning
        for path in list(folder.glob(pattern)):
            with suppress(OSError):
                descriptor = try_lock(path)
                if descriptor is not None:
                    remove(path)
                    unlock(descriptor)

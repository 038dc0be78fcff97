"""Who is at work on a file or folder: a lock that the system drops when the process ends, however it ends.

Where the system or the disk has no such locks, nothing is ever free for the taking, and nothing is held.
"""

import os
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def try_lock(path: Path) -> int | None:
    """Hold a file or folder for this process; return the descriptor whose closing lets go of it.

    Returns:
        None if another process, or another descriptor of this one, holds it.

    Raises:
        OSError: if there is no such file, or there are no locks here.
    """
    if fcntl is None:
        raise OSError("this system has no locks of files")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def unlock(descriptor: int | None) -> None:
    """Let go of what `claim` returned; nothing where that is None."""
    if descriptor is not None:
        os.close(descriptor)


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove the files and folders that match a glob pattern and that no process holds: their makers were killed."""
    with suppress(OSError):  # without permission to look, there is nothing to tidy up
        for path in list(folder.glob(pattern)):
            _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    with suppress(OSError):
        descriptor = try_lock(path)
        if descriptor is None:
            return
        try:
            if path.is_dir() and not path.is_symlink():
                import shutil  # slow, and seldom needed

                shutil.rmtree(path)
            else:
                path.unlink()
        finally:
            unlock(descriptor)

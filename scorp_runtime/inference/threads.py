"""Number of threads: the caller's argument, else the environment, else one."""

import os
from pathlib import Path

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.sampling import philox

AUTO = "auto"
MOST = 1024
VARIABLE = "SCORP_THREADS"
OTHER_VARIABLES = ("ORT_INTRA_OP_NUM_THREADS", "OMP_NUM_THREADS")
"""Variables that set the number of threads of other numerical libraries."""

_CGROUPS = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def read_threads(threads: object) -> int:
    """Return a number of threads; `Engine` describes the argument.

    Raises:
        RequestError: if the argument or `SCORP_THREADS` is neither 1 to 1024 nor `"auto"`.
    """
    if threads is not None:
        return _read(threads, "threads")
    own = os.environ.get(VARIABLE, "")
    if own:
        return _read(int(own) if _is_integer(own) else own[:40], VARIABLE)
    for name in OTHER_VARIABLES:
        first = os.environ.get(name, "").partition(",")[0].strip()  # OpenMP has a list, one per nesting level
        if _is_integer(first) and 1 <= int(first) <= MOST:
            return int(first)
    return 1


def usable_cores(cgroups: Path = _CGROUPS, membership: Path = _MEMBERSHIP) -> int:
    """Return how many cores this process may use, by its affinity and the CPU limits of its Linux control groups."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [_limit(folder) for folder in _groups(cgroups, membership)]
    return max(1, min([cores, *(limit for limit in limits if limit is not None)]))


def _read(threads: object, name: str) -> int:
    if isinstance(threads, str) and threads == AUTO:
        return usable_cores()
    number = philox.to_integer(threads)
    if number is None or not 1 <= number <= MOST:
        raise RequestError(
            f"{name} must be a whole number from 1 to {MOST} or {AUTO!r}, not {short_repr(threads)}"
        )
    return number


def _is_integer(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _groups(cgroups: Path, membership: Path) -> list[Path]:
    """Return the folders of the control groups of this process, of version 1 or 2, and of their parents."""
    folders: list[Path] = []
    for line in _text(membership).splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = cgroups / "cpu" if controllers else cgroups
        group = top / place.strip("/")
        # A container sees its own group at the top, under any name.
        folders += [group, *(parent for parent in group.parents if parent.is_relative_to(top))]
    return folders


def _limit(folder: Path) -> int | None:
    """Return the CPU limit of one group in cores, rounded up, or None without a limit."""
    quota, period = (_text(folder / "cpu.max").split() or ["max", "0"])[:2]
    if quota == "max":
        quota, period = (_text(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    if not (quota.isdecimal() and period.isdecimal() and int(period) > 0):  # -1 means no quota
        return None
    return -(-int(quota) // int(period))


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""

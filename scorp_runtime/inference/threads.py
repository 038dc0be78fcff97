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

_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def read_threads(threads: object) -> int:
    """Return a number of threads; `Engine` describes the argument. A wrong one raises `RequestError`."""
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


def usable_cores(cpu_limit: Path = _CPU_LIMIT) -> int:
    """Return how many cores this process may use, by its affinity and by the CPU limit of its Linux container."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = cpu_limit.read_text().split()
        return min(cores, -(-int(quota) // int(period)))
    except (OSError, ValueError):  # no container, or one whose quota is "max"
        return cores


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

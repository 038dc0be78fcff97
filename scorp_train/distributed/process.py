"""The number of this process among those of a training, from torchrun's environment; loads without torch."""

import os
from dataclasses import dataclass

from scorp_runtime.inference.threads import usable_cores

_NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")


@dataclass(frozen=True)
class Process:
    """One of `count` processes, `local_count` of them on this machine; ranks start at 0."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and prints."""
        return self.rank == 0


def this_process() -> Process:
    """Return this process as numbered by torchrun; without torchrun, the only one."""
    if any(name not in os.environ for name in _NAMES):
        return Process()
    return Process(*(int(os.environ[name]) for name in _NAMES))


def default_threads() -> int:
    """Return the CPU threads of this process: its share of the usable cores, at most `OMP_NUM_THREADS`."""
    local_count = this_process().local_count
    threads = max(1, usable_cores() // local_count)
    # A list has one number per nested level.
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    # torchrun sets 1 if the user has set nothing.
    unset = limit == "1" and local_count > 1
    return threads if unset or not limit.isdecimal() or int(limit) == 0 else min(threads, int(limit))

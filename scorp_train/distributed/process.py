"""Which of the processes of a training this one is, as torchrun tells it; known without loading torch."""

import os
from dataclasses import dataclass

from scorp_runtime.inference.threads import usable_cores
from scorp_train.errors import UsageError


@dataclass(frozen=True)
class Process:
    """One of the `count` processes of a training, of which its machine runs `local_count`; ranks count from 0."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0


def this_process() -> Process:
    """This process as torchrun numbers it in the environment; without torchrun, the only one.

    Raises `UsageError` where the environment holds no such numbers.
    """
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    if any(name not in os.environ for name in names):
        return Process()
    told = [os.environ[name] for name in names]
    if all(number.isdecimal() for number in told):
        process = Process(*map(int, told))
        if process.rank < process.count and process.local_rank < process.local_count:
            return process
    raise UsageError(f"{', '.join(names)} are {', '.join(map(repr, told))}: not as torchrun sets them")


def default_threads() -> int:
    """Return the CPU threads of this process: its share of the usable cores, at most `OMP_NUM_THREADS`."""
    local_count = this_process().local_count
    threads = max(1, usable_cores() // local_count)
    limit = (
        os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    )  # a list has one number per nested level
    # torchrun sets 1 where the user has set nothing.
    unset = limit == "1" and local_count > 1
    return threads if unset or not limit.isdecimal() or int(limit) == 0 else min(threads, int(limit))

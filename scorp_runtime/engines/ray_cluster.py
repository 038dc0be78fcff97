"""A Ray cluster, of Ray's core alone; needs the extra `ray`."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..extras import load_extra
from . import Map


@contextmanager
def open_map(workers: int, cluster: str | None) -> Iterator[Map]:
    """Use the cluster of the address `cluster` and all its cores, or begin one of `workers` processes here."""
    ray = load_extra("ray", "ray")
    pools = load_extra("ray.util.multiprocessing", "ray")
    # "local" begins one even where a cluster is running, or RAY_ADDRESS names one.
    local = {"address": "local", "num_cpus": workers, "include_dashboard": False}
    quiet = {"log_to_driver": False, "logging_level": logging.WARNING}
    ray.init(**quiet, **({"address": cluster} if cluster else local))
    pool = pools.Pool(None if cluster else workers)

    def unordered(function: Callable[[int], Any], numbers: Sequence[int]) -> Iterator[Any]:
        yield from pool.imap_unordered(function, numbers)

    try:
        yield unordered
    finally:
        pool.terminate()
        ray.shutdown()

"""A Ray cluster, with the core of Ray only; needs the extra `ray`."""

import logging
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scorp_runtime.files.optional import load_extra

from . import Map


@contextmanager
def open_map(workers: int, cluster: str | None) -> Iterator[Map]:
    """Use all cores of the cluster at the address `cluster`, or start one of `workers` processes here."""
    _set_up_environment(is_local=cluster is None)
    ray = load_extra("ray", "ray")
    pools = load_extra("ray.util.multiprocessing", "ray")
    # "local" starts one even if a cluster is running or RAY_ADDRESS names one.
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


def _set_up_environment(is_local: bool) -> None:
    """Turn off usage reports, and keep the token of a local cluster out of the home directory.

    Variables that the user set are kept.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    configured = {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys()
    if is_local and not configured and not Path("~/.ray/auth_token").expanduser().exists():
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)

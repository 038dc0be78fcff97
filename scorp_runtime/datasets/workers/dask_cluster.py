"""A Dask cluster; needs the extra `dask`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scorp_runtime.files.optional import load_extra

from . import Map


@contextmanager
def open_map(workers: int, cluster: str | None) -> Iterator[Map]:
    """Use the cluster whose scheduler has the address `cluster`, or start one of `workers` processes here."""
    distributed = load_extra("distributed", "dask")
    local = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.Client(address=cluster) if cluster else distributed.Client(**local) as client:

        def unordered(function: Callable[[int], Any], numbers: Sequence[int]) -> Iterator[Any]:
            futures = client.map(function, numbers, pure=False)
            for future in distributed.as_completed(futures):
                yield future.result()

        yield unordered

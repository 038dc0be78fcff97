"""What spreads work over processes and machines, behind one `map`: one module each, imported when used.

A module has `open_map(workers, cluster)`, a context manager. Inside it there is a function that, like the `map` of
Python, calls a function with each of some numbers, but in any order, somewhere else, and yields the results as they
come. The function and its results are pickled.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from scorp_runtime.errors import RequestError

Map = Callable[[Callable[[int], Any], Sequence[int]], Iterable[Any]]

CLUSTERS = {"dask": "dask_cluster", "ray": "ray_cluster"}
"""The engines that can use more than one machine, and their modules."""


def open_map(engine: str | None, workers: int, cluster: str | None) -> AbstractContextManager[Map]:
    """Return what opens a map.

    Args:
        engine: a name in `CLUSTERS`; None is processes on this machine, or for one worker this process.
        workers: how many processes there shall be, unless a cluster has its own.
        cluster: the address of a running cluster; None begins one on this machine.

    Raises:
        RequestError: for a cluster without an engine.
        MissingExtraError: if the engine is not installed.
    """
    if engine is None and cluster is not None:
        raise RequestError(f"the address of a cluster needs an engine: {' or '.join(CLUSTERS)}")
    if engine is None and workers == 1:
        return nullcontext(map)
    module = import_module(f".{CLUSTERS[engine] if engine else 'processes'}", __name__)
    opened: AbstractContextManager[Map] = module.open_map(workers, cluster)
    return opened

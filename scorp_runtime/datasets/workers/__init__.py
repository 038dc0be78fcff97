"""Workers in processes and clusters, behind one `map`: one module each, imported when used.

A module has `open_map(workers, cluster)`, a context manager. Its value is a function like `map` that calls a function
in the workers, in any order, and yields the results as they arrive. The function and its results are pickled.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from scorp_runtime.errors import RequestError

Map = Callable[[Callable[[int], Any], Sequence[int]], Iterable[Any]]

CLUSTERS = {"dask": "dask_cluster", "ray": "ray_cluster"}
"""Engine -> module, for engines that can use more than one machine."""


def open_map(engine: str | None, workers: int, cluster: str | None) -> AbstractContextManager[Map]:
    """Return a context manager that starts `workers` processes, unless a running `cluster` has its own.

    `engine` is a name in `CLUSTERS`; None uses processes on this machine, or this process for one worker.
    """
    if engine is None and cluster is not None:
        raise RequestError(f"--cluster needs --engine {' or '.join(CLUSTERS)}")
    if engine is None and workers == 1:
        return nullcontext(map)
    module = import_module(f".{CLUSTERS[engine] if engine else 'processes'}", __name__)
    opened: AbstractContextManager[Map] = module.open_map(workers, cluster)
    return opened

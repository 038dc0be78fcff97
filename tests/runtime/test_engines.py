"""Dask and Ray clusters make the same files as one process; worker processes end with their parent."""

import multiprocessing
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.datasets.workers import open_map

WORDS = ["0-9", "-n", 500, "--seed", 4, "--shards", 9, "--format", "tar"]
CLUSTERS = {
    "dask": """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
""",
    "ray": """
import ray
context = ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
print(context.address_info["gcs_address"], flush=True)
input()
""",
}


@pytest.fixture
def serial(made: Any, contents: Any, tmp_path: Path) -> dict[str, bytes]:
    """The files that one process makes."""
    made(*WORDS, "serial/")
    files: dict[str, bytes] = contents(tmp_path / "serial")
    return files


@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_local_cluster_makes_the_same_files(
    made: Any, contents: Any, tmp_path: Path, environment: dict[str, str], serial: Any, engine: str
) -> None:
    another = {**environment, "RAY_ADDRESS": "127.0.0.1:1"}  # only --cluster may use it
    made(*WORDS, "out/", "--engine", engine, "--workers", 2, env=another, timeout=600)
    assert contents(tmp_path / "out") == serial


@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_running_cluster_is_used(
    made: Any, contents: Any, tmp_path: Path, environment: dict[str, str], serial: Any, engine: str
) -> None:
    token = {**environment, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTERS[engine])
    with subprocess.Popen([sys.executable, script], env=token, text=True, stdin=-1, stdout=-1) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        made(*WORDS, "out/", "--engine", engine, "--cluster", address, env=token, timeout=600)
        cluster.communicate("\n", timeout=60)
    assert contents(tmp_path / "out") == serial


def test_no_process_or_thread_is_left_after_an_interruption() -> None:
    before = set(threading.enumerate())
    with suppress(KeyboardInterrupt), open_map(None, 2, None) as map_unordered:
        next(iter(map_unordered(abs, range(1_000))))
        raise KeyboardInterrupt
    assert set(threading.enumerate()) == before
    assert not multiprocessing.active_children()

"""Dask and Ray clusters make the same files as one process; worker processes end with their parent."""

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterator
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


def made(result: Any, folder: Path) -> dict[str, bytes]:
    assert result.returncode == 0, result.stderr.decode()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def serial(scorp_gen: Any, tmp_path: Path) -> dict[str, bytes]:
    return made(scorp_gen(*WORDS, "serial/"), tmp_path / "serial")


@pytest.fixture
def token(environment: dict[str, str]) -> dict[str, str]:
    """An environment with a token for a Ray cluster and its clients."""
    return {**environment, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path, token: dict[str, str]) -> Iterator[str]:
    """The address of a cluster in another process."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTERS[request.param])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, script], env=token, text=True, **pipes) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("\n", timeout=60)


@pytest.mark.parametrize("engine", CLUSTERS)
def test_a_local_cluster_makes_the_same_files(
    scorp_gen: Any,
    tmp_path: Path,
    serial: dict[str, bytes],
    engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")  # only --cluster may use it
    result = scorp_gen(*WORDS, "out/", "--engine", engine, "--workers", 2, timeout=600)
    assert made(result, tmp_path / "out") == serial


@pytest.mark.parametrize(("engine", "address"), [(name, name) for name in CLUSTERS], indirect=["address"])
def test_a_running_cluster_is_used(
    scorp_gen: Any,
    tmp_path: Path,
    serial: dict[str, bytes],
    token: dict[str, str],
    engine: str,
    address: str,
) -> None:
    result = scorp_gen(*WORDS, "out/", "--engine", engine, "--cluster", address, env=token, timeout=600)
    assert made(result, tmp_path / "out") == serial


def test_no_process_or_thread_is_left_after_an_interruption() -> None:
    before = set(threading.enumerate())
    with suppress(KeyboardInterrupt), open_map(None, 2, None) as map_unordered:
        next(iter(map_unordered(abs, range(1_000))))
        raise KeyboardInterrupt
    assert set(threading.enumerate()) == before
    assert not multiprocessing.active_children()

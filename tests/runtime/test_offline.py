"""No telemetry: no files in the home directory, no sockets, and no threads that keep a forked child from ending."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scorp_runtime.datasets.workers.ray_cluster import _set_up_environment
from scorp_runtime.inference.telemetry import turn_off_telemetry

NO_SOCKETS = Path(__file__).parents[1] / "no_sockets.py"
VARIABLE = "ORT_DISABLE_TELEMETRY"
XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


@pytest.fixture
def untouched(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a user who has set nothing."""
    return {name: value for name, value in environment.items() if name != VARIABLE and name not in XDG}


@pytest.mark.parametrize("xdg", [(), XDG], ids=["no XDG", "XDG"])
@pytest.mark.parametrize(
    "code",
    [
        "from scorp_runtime.cli.main import main; main(['7', 'seven.png'])",
        "import scorp_runtime, onnxruntime; scorp_runtime.Generator().generate(7)",
    ],
)
def test_drawing_leaves_no_files_in_an_empty_home(
    tmp_path: Path, untouched: dict[str, str], xdg: tuple[str, ...], code: str
) -> None:
    home = tmp_path / "home"
    folders = {"HOME": home, **{name: home / name for name in xdg}}
    for folder in folders.values():
        folder.mkdir()
    places = {name: str(folder) for name, folder in folders.items()}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=untouched | places, timeout=60)
    assert {path.name for path in home.rglob("*")} == set(xdg)


def test_hugging_face_rows_leave_no_files_in_an_empty_home(tmp_path: Path, untouched: dict[str, str]) -> None:
    code = "from scorp_runtime import Generator; next(iter(Generator().dataset(7, 3).hf()))"
    home = {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=untouched | home, timeout=120)
    assert list(tmp_path.iterdir()) == []


def exit_code_without_sockets(code: str, variables: dict[str, str]) -> int:
    """Run Python code in a process that the kernel ends when it opens a socket."""
    result = subprocess.run([sys.executable, NO_SOCKETS, code], env=variables, timeout=120, check=False)
    if result.returncode == 77:
        pytest.skip("this kernel cannot forbid sockets")
    return result.returncode


def test_the_filter_ends_a_process_that_opens_a_socket(untouched: dict[str, str]) -> None:
    assert exit_code_without_sockets("import socket; socket.socket()", untouched) == -signal.SIGSYS


# Longer than the telemetry of onnxruntime waits before its first report.
HALF_A_MINUTE = """
import time
from scorp_runtime import Generator

for _ in range(64):
    Generator(threads=2).generate("0-9", 100)
    time.sleep(0.5)
"""


def test_drawing_opens_no_socket_even_after_half_a_minute(untouched: dict[str, str], tmp_path: Path) -> None:
    assert exit_code_without_sockets(HALF_A_MINUTE, untouched | {"HOME": str(tmp_path)}) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_forked_after_the_first_use_ends_by_sys_exit(untouched: dict[str, str]) -> None:
    code = """
import os, signal, sys
from scorp_runtime import Generator
Generator().generate(7)
child = os.fork()
if child == 0:
    signal.alarm(20)  # ends a child that hangs
    Generator().generate(7)
    sys.exit(5)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], env=untouched, timeout=60).returncode == 5


@pytest.mark.parametrize(("before", "after", "calls"), [(None, "1", [True]), ("0", "0", []), ("", "", [])])
def test_telemetry_is_off_unless_the_user_turned_it_on(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str, calls: list[bool]
) -> None:
    """Even that of an onnxruntime that the application has imported first."""
    disabled: list[bool] = []
    fake = SimpleNamespace(disable_telemetry_events=lambda: disabled.append(True))
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)  # type: ignore[arg-type]
    monkeypatch.setenv(VARIABLE, before or "")
    if before is None:
        monkeypatch.delenv(VARIABLE)
    turn_off_telemetry()
    assert (os.environ[VARIABLE], disabled) == (after, calls)


@pytest.fixture
def ray_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home directory, and no settings of Ray."""
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.setenv(name, "")  # so that it is removed afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_a_local_ray_cluster_reports_nothing_and_stores_no_secret(ray_settings: Path) -> None:
    _set_up_environment(is_local=True)
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64

"""No telemetry: no files in the home directory, no sockets, and no threads that keep a forked child from ending."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scorp_runtime.datasets.workers.ray_cluster import _set_up_environment

VARIABLE = "ORT_DISABLE_TELEMETRY"
XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


@pytest.fixture
def untouched(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a user who has set nothing."""
    return {name: value for name, value in environment.items() if name != VARIABLE and name not in XDG}


@pytest.mark.parametrize("xdg", [False, True])
@pytest.mark.parametrize(
    "code",
    [
        "from scorp_runtime.cli.main import main; main(['7', 'seven.png'])",
        "import scorp_runtime, onnxruntime; scorp_runtime.Generator().generate(7)",
    ],
)
def test_drawing_leaves_no_files_in_an_empty_home(
    tmp_path: Path, untouched: dict[str, str], xdg: bool, code: str
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    folders = {"HOME": home, **{name: home / name for name in XDG if xdg}}
    for folder in (here, *folders.values()):
        folder.mkdir()
    before = set(home.iterdir())
    places = {name: str(folder) for name, folder in folders.items()}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=here, env=untouched | places, timeout=60)
    assert set(home.rglob("*")) == before


def test_hugging_face_rows_leave_no_files_in_an_empty_home(tmp_path: Path, untouched: dict[str, str]) -> None:
    code = "from scorp_runtime import Generator; next(iter(Generator().dataset(7, 3).hf()))"
    home = {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=untouched | home, timeout=120)
    assert list(tmp_path.iterdir()) == []


def exit_code(process: Any) -> int:
    code: int = process.wait(120)
    if code == 77:
        pytest.skip("this kernel cannot forbid sockets")
    return code


def test_the_filter_ends_a_process_that_opens_a_socket(no_sockets: Any) -> None:
    assert exit_code(no_sockets("import socket; socket.socket()")) == -signal.SIGSYS


def test_drawing_opens_no_socket_even_after_half_a_minute(process_without_sockets: Any) -> None:
    assert exit_code(process_without_sockets) == 0


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


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0"), ("", "")])
def test_telemetry_is_off_unless_the_user_turned_it_on(
    untouched: dict[str, str], before: str | None, after: str
) -> None:
    environment = untouched if before is None else untouched | {VARIABLE: before}
    code = f"import os, scorp_runtime; print(os.environ[{VARIABLE!r}])"
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert result.stdout.decode().rstrip("\n") == after


@pytest.mark.parametrize(("before", "printed"), [(None, "disabled\n"), ("0", "")])
def test_an_onnxruntime_that_was_imported_first_records_nothing_more(
    untouched: dict[str, str], before: str | None, printed: str
) -> None:
    environment = untouched if before is None else untouched | {VARIABLE: before}
    fake = "types.SimpleNamespace(disable_telemetry_events=lambda: print('disabled'))"
    code = f"import sys, types; sys.modules['onnxruntime'] = {fake}; import scorp_runtime"
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert result.stdout.decode().replace("\r", "") == printed


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


def test_settings_of_ray_that_the_user_made_are_kept(
    ray_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    _set_up_environment(is_local=False)
    (ray_settings / ".ray").mkdir()
    (ray_settings / ".ray" / "auth_token").touch()
    _set_up_environment(is_local=True)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    (ray_settings / ".ray" / "auth_token").unlink()
    _set_up_environment(is_local=True)
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "1"
    assert "RAY_AUTH_TOKEN" not in os.environ

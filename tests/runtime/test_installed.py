"""What is installed is the runtime and its models, and nothing else."""

import os
import re
import zlib
from importlib.metadata import entry_points, files, requires, version
from pathlib import Path

import pytest

import scorp_runtime

pytestmark = pytest.mark.skipif(
    os.environ.get("SCORP_TEST_INSTALLED") != "1",
    reason="the tests run from a checkout (SCORP_TEST_INSTALLED=1)",
)


def test_the_wheel_holds_the_runtime_and_the_models_only() -> None:
    installed = {str(path) for path in files("scorp-runtime") or [] if "__pycache__" not in path.parts}
    inside = {path for path in installed if path.startswith("scorp_runtime/")}
    outside = {path for path in installed - inside if ".dist-info/" not in path and "bin/" not in path}
    assert outside == set()
    assert {"scorp_runtime/py.typed", "scorp_runtime/exported/__init__.py"} <= inside
    assert not [path for path in inside if "test" in path or "train" in path]


def test_the_wheel_holds_the_page_whole() -> None:
    page = {path.name: path for path in files("scorp-runtime") or [] if path.parent.name == "page"}
    named = re.findall(r'(?:src|href)="\./([^"]+)"', page["index.html"].read_text("utf-8"))
    assert len(named) >= 3  # the program, the style sheet and the icon
    assert set(named) <= page.keys()


def test_all_of_it_packed_is_less_than_two_megabytes() -> None:
    inside = [path for path in files("scorp-runtime") or [] if "__pycache__" not in path.parts]
    assert sum(len(zlib.compress(path.read_binary())) for path in inside) < 2_000_000


def test_three_dependencies_with_floors_and_no_caps() -> None:
    needed = [line for line in requires("scorp-runtime") or [] if "extra ==" not in line]
    assert sorted(line.partition(">=")[0] for line in needed) == ["numpy", "onnxruntime", "pillow"]
    assert not [line for line in needed if "<" in line or "==" in line]


def test_the_distribution_and_the_package_agree_on_the_version() -> None:
    assert version("scorp-runtime") == scorp_runtime.__version__


def test_pyinstaller_finds_the_hook() -> None:
    (entry,) = [each for each in entry_points(group="pyinstaller40") if each.dist.name == "scorp-runtime"]
    (folder,) = entry.load()()
    assert Path(folder, "hook-scorp_runtime.py").is_file()

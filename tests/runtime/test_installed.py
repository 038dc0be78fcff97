"""What is installed is the runtime and its models, and nothing else."""

import os
from importlib.metadata import files, requires, version

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
    assert {"scorp_runtime/py.typed", "scorp_runtime/models/__init__.py"} <= inside
    assert not [path for path in inside if "test" in path or "train" in path]


def test_three_dependencies_with_floors_and_no_caps() -> None:
    needed = [line for line in requires("scorp-runtime") or [] if "extra ==" not in line]
    assert sorted(line.partition(">=")[0] for line in needed) == ["numpy", "onnxruntime", "pillow"]
    assert not [line for line in needed if "<" in line or "==" in line]


def test_the_distribution_and_the_package_agree_on_the_version() -> None:
    assert version("scorp-runtime") == scorp_runtime.__version__

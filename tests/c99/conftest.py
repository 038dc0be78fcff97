"""The harness of benchmarks/c99.py, and the C files of the released models."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location("c99_benchmark", ROOT / "benchmarks" / "c99.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules["c99_benchmark"] = module = importlib.util.module_from_spec(spec)  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", params=["digits", "letters", "text"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def model(harness: ModuleType, name: str, tmp_path_factory: pytest.TempPathFactory) -> object:
    return harness.CModel(ROOT / "exported" / f"{name}.onnx", tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def digits(harness: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> object:
    return harness.CModel(ROOT / "exported" / "digits.onnx", tmp_path_factory.mktemp("only-digits"))

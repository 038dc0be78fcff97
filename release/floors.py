"""Test both packages with the oldest supported dependencies and with the newest ones."""

import re
import subprocess
import tempfile
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Trial:
    """An environment and the tests that run in it."""

    projects: tuple[str, ...]
    tests: tuple[str, ...]
    extras: tuple[str, ...] = ()


_RUNTIME = tuple(
    f"tests/runtime/test_{name}.py"
    for name in (
        "generator",
        "backends",
        "validation",
        "onnx_reader",
        "addresses",
        "labels",
        "effects",
        "threads",
    )
)
TRIALS = {
    "runtime": Trial(("pyproject.toml",), _RUNTIME),
    "extras": Trial(
        ("pyproject.toml",),
        ("tests/runtime/test_engines.py", "tests/runtime/test_verify.py"),
        ("parquet", "dask", "ray", "completion"),
    ),
    "trainer": Trial(
        ("pyproject.toml", "scorp_train/pyproject.toml"),
        (
            "tests/train/test_export.py",
            "tests/train/test_run_folder.py",
            "tests/eval/test_style.py",
            "tests/eval/test_report.py",
        ),
    ),
}
_WARNINGS = ("-o", "filterwarnings=default")  # old packages cause deprecation warnings in newer ones
HELPERS = ("pytest>=8", "hypothesis>=6.100", "onnx>=1.16")


def try_trial(trial: Trial, wheels: list[Path], lowest: bool) -> str:
    """Install and test; return the installed versions.

    Raises:
        subprocess.CalledProcessError: if pip or a test fails, with the output in `stdout`.
    """
    wanted = [pin if lowest else re.sub(r"==.*", "", pin) for pin in floors(trial)]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = f"{folder}/bin/python"
        upgrade = [] if lowest else ["--upgrade", "--upgrade-strategy=eager"]
        helpers = [helper for helper in HELPERS if not lowest or not helper.startswith("onnx")]
        onnx = ["onnx==1.16.0"] if lowest else []
        chosen = [str(wheel) for wheel in wheels if wheel.name.startswith(_packages(trial))]
        _run(python, "-m", "pip", "install", "--quiet", *upgrade, *chosen, *wanted, *helpers, *onnx)
        _run(f"{folder}/bin/scorp-gen", "check")
        _run(python, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *_WARNINGS, *trial.tests)
    return ", ".join(wanted)


def floors(trial: Trial) -> list[str]:
    """Return `name==floor` for each dependency of the trial's projects and extras."""
    pins = {}
    for path in trial.projects:
        project = tomllib.loads((ROOT / path).read_text("utf-8"))["project"]
        optional = project.get("optional-dependencies", {})
        for line in [*project["dependencies"], *(line for extra in trial.extras for line in optional[extra])]:
            requirement = Requirement(line)
            (floor,) = (spec.version for spec in requirement.specifier if spec.operator == ">=")
            pins[requirement.name] = f"{requirement.name}=={floor}"
    pins.pop("scorp-runtime", None)
    return list(pins.values())


def _packages(trial: Trial) -> tuple[str, ...]:
    return ("scorp_runtime", "scorp_train") if len(trial.projects) > 1 else ("scorp_runtime",)


def _run(*words: str) -> None:
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

"""Settings of all tests. The acceptance run always tries the same examples; `tests/fuzz/run.py` searches for others."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import scorp_runtime  # noqa: F401  # turns off the telemetry of onnxruntime, which some tests import first

# Before torch is imported. Its threads wait for each other busily; as many as there are cores in each of several
# processes take several times as long as one in each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Real data of developers and CI, for the tests that compare with it. Others never download.
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
if DATA.is_dir():
    os.environ.setdefault("SCORP_DATA", str(DATA))

settings.register_profile(
    "acceptance",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],  # depends on the machine
)
settings.register_profile(
    "search", max_examples=2000, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("acceptance")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--matrix", action="store_true", help="print what the tests promise, as Markdown")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Print the name of each test as a sentence, by file: `pytest tests --matrix --collect-only -q`."""
    if session.config.getoption("matrix"):
        rows = dict.fromkeys((item.path.name, item.originalname) for item in session.items)
        print("\n| file | behaviour |\n| --- | --- |")
        print(
            *(f"| {file} | {name.removeprefix('test_').replace('_', ' ')} |" for file, name in rows), sep="\n"
        )

"""Settings of all tests. The acceptance run always tries the same examples; `tests/fuzz/run.py` searches for others."""

from hypothesis import HealthCheck, settings

import scorp_runtime  # noqa: F401  # turns off the telemetry of onnxruntime, which some tests import first

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

"""Loaded before every test module: turns off the telemetry of onnxruntime, which some of them import first."""

import scorp_runtime  # noqa: F401

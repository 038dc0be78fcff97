"""Train, measure and export SCORP generators; `models/model_api.py` defines the interface of a model."""

import scorp_runtime  # noqa: F401 -- turns off the telemetry of onnxruntime before any module imports it

from .version import __version__

__all__ = ["__version__"]

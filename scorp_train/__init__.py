"""Trains, measures and exports SCORP generators; `models/model.py` says what a plugin is."""

import scorp_runtime  # noqa: F401 -- turns off the telemetry of onnxruntime before any module imports it

from .version import __version__

__all__ = ["__version__"]

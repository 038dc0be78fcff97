"""Turn off the telemetry of onnxruntime, which writes to the home directory and sends reports.

It starts when onnxruntime is imported, so `scorp_runtime/__init__.py` calls this first.
"""

import os
import sys

_VARIABLE, _OFF = "ORT_DISABLE_TELEMETRY", "1"


def turn_off_telemetry() -> None:
    """Set `ORT_DISABLE_TELEMETRY=1` for this process and its children, unless the variable is already set.

    If the application imported onnxruntime first, no further events are recorded. Its files and threads remain.
    """
    if os.environ.setdefault(_VARIABLE, _OFF) != _OFF:
        return
    disable = getattr(sys.modules.get("onnxruntime"), "disable_telemetry_events", None)
    if disable is not None:
        disable()

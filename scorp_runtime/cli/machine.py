"""What a figure was measured on: processor, system and versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scorp_runtime.inference.threads import usable_cores
from scorp_runtime.version import __version__

LIBRARIES = ("numpy", "onnxruntime", "pillow")


def describe_machine() -> dict[str, str | int | None]:
    """Return the facts under their names; a library that is not installed has None."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "scorp_runtime": __version__,
        **{name: _version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    """Return the name of the processor, or of the board, which says more on small ones."""
    for file in (Path("/proc/device-tree/model"), Path("/proc/cpuinfo")):
        try:
            text = file.read_text(errors="replace")
        except OSError:
            continue
        names = [line.partition(":")[2] for line in text.splitlines() if line.startswith("model name")]
        if file.name == "model" or names:
            return (names[0] if names else text).strip(" \0\n")
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

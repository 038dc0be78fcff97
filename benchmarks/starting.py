"""Duration of whole processes: the median of each, measured in turns."""

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

ROUNDS = 20
# As for users, modules are compiled once, not at every start.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure() -> dict[str, Any]:
    command = str(Path(sysconfig.get_path("scripts"), "scorp-gen"))
    with tempfile.TemporaryDirectory() as folder:
        processes = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "scorp-gen --version": [command, "--version"],
            "scorp-gen --help": [command, "--help"],
            "import numpy, onnxruntime, PIL.Image": [
                sys.executable, "-c", "import numpy, onnxruntime, PIL.Image",
            ],
            "scorp-gen 7 --count 64 out.png": [command, "7", "--count", "64", str(Path(folder, "out.png"))],
        }  # fmt: skip
        times: dict[str, list[float]] = {name: [] for name in processes}
        for name in [*processes] * ROUNDS:
            begin = time.perf_counter()
            subprocess.run(processes[name], check=True, capture_output=True, env=ENVIRONMENT)
            times[name].append(time.perf_counter() - begin)
    ms = {name: 1e3 * statistics.median(all_times) for name, all_times in times.items()}
    return {
        "ms": ms,
        "version_over_pass": ms["scorp-gen --version"] / ms["python -c pass"],
        "sheet_over_imports": ms["scorp-gen 7 --count 64 out.png"]
        / ms["import numpy, onnxruntime, PIL.Image"],
    }


if __name__ == "__main__":
    print(json.dumps(measure()))

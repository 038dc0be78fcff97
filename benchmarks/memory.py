"""The most memory that a process takes which draws a thousand digits, and a million, through `iter_batches`."""

import json
import subprocess
import sys
from typing import Any

COUNTS = (1_000, 1_000_000)
PROGRAM = """
import resource, sys
from scorp_runtime import Generator
for batch in Generator().iter_batches("0-9", int(sys.argv[1]), seed=1):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure() -> dict[str, Any]:
    peaks = [peak_megabytes(count) for count in COUNTS]
    return {
        "megabytes": dict(zip(map(str, COUNTS), peaks, strict=True)),
        "million_over_thousand": peaks[1] / peaks[0],
    }


def peak_megabytes(count: int) -> float:
    command = [sys.executable, "-c", PROGRAM, str(count)]
    printed = int(subprocess.run(command, check=True, capture_output=True).stdout)
    return printed / (1e6 if sys.platform == "darwin" else 1e3)  # macOS counts bytes, others kilobytes


if __name__ == "__main__":
    print(json.dumps(measure()))

"""The most memory that a process takes which draws a thousand digits, and a million, through `iter_batches`.

With one lane and with two: what onnxruntime works in belongs to a thread. glibc moves its limit between small blocks
and large ones while a process runs, which makes one process in four take 20 MB more than its like; here it stands.
"""

import json
import os
import subprocess
import sys
from typing import Any

COUNTS = (1_000, 1_000_000)
THREADS = (1, 2)
ENVIRONMENT = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(128 << 10)}  # where it begins
PROGRAM = """
import resource, sys
from scorp_runtime import Generator
for batch in Generator(threads=int(sys.argv[2])).iter_batches("0-9", int(sys.argv[1]), seed=1):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure() -> dict[str, Any]:
    peaks = {threads: [peak_megabytes(count, threads) for count in COUNTS] for threads in THREADS}
    return {
        "megabytes_by_threads": {
            str(threads): dict(zip(map(str, COUNTS), of_counts, strict=True))
            for threads, of_counts in peaks.items()
        },
        "million_over_thousand": max(million / thousand for thousand, million in peaks.values()),
    }


def peak_megabytes(count: int, threads: int) -> float:
    command = [sys.executable, "-c", PROGRAM, str(count), str(threads)]
    printed = int(subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT).stdout)
    return printed / (1e6 if sys.platform == "darwin" else 1e3)  # macOS counts bytes, others kilobytes


if __name__ == "__main__":
    print(json.dumps(measure()))

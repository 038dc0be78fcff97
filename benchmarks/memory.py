"""Peak memory of processes that draw a thousand and a million digits with `iter_batches`, on one and two threads.

glibc adapts its limit between small and large blocks at run time, so one process in four needs 20 MB more than the
others. The limit is therefore fixed here.
"""

import json
import os
import subprocess
import sys
from typing import Any

COUNTS = (1_000, 1_000_000)
THREADS = (1, 2)
ENVIRONMENT = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(128 << 10)}  # its initial value
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
    return printed / (1e6 if sys.platform == "darwin" else 1e3)  # bytes on macOS, else kilobytes


if __name__ == "__main__":
    print(json.dumps(measure()))

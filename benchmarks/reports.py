"""Duration of a full and of a quick `scorp-eval` report on one core.

    python benchmarks/reports.py

It needs MNIST.
"""

import math
import os
import subprocess
import sysconfig
import time
from pathlib import Path

REPORTS = (["digits"], ["digits", "--quick"])


def main() -> None:
    print("| command | seconds |\n| --- | --- |", flush=True)
    program = str(Path(sysconfig.get_path("scripts"), "scorp-eval"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for words in REPORTS:
        begin = time.perf_counter()
        subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL, env=environment)
        print(f"| `scorp-eval {' '.join(words)}` | {math.ceil(time.perf_counter() - begin)} |", flush=True)


if __name__ == "__main__":
    main()

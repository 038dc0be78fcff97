"""How long `scorp-eval` takes for a whole report and for a quick one, on one core.

    python benchmarks/reports.py

It prints a table; the data of MNIST must be there.
"""

import math
import os
import subprocess
import sys
import time

REPORTS = {"scorp-eval digits": [], "scorp-eval digits --quick": ["--quick"]}


def main() -> None:
    print("| command | seconds |\n| --- | --- |", flush=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for command, words in REPORTS.items():
        call = "import sys; from scorp_train.evaluation.cli import main; sys.exit(main())"
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", call, "digits", *words],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
        print(f"| `{command}` | {math.ceil(time.perf_counter() - begin)} |", flush=True)


if __name__ == "__main__":
    main()

"""Fuzzes for as long as it is told: the tests of this folder again and again, each time with other examples.

    python tests/fuzz/run.py --minutes 10                  every target, one after the other
    python tests/fuzz/run.py --minutes 10 http metadata    two of them
    python tests/fuzz/run.py --minutes 10 --at-once 4      four beside each other

It prints a table, and ends with exit code 1 if a target failed, of which Hypothesis prints the smallest example that it
finds. In the ordinary test run every test of this folder tries a hundred examples.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(__file__).parent
TARGETS = sorted(path.stem.removeprefix("test_") for path in FOLDER.glob("test_*.py"))
FAILURE = "A FAILURE"
_TRIED = re.compile(r"(\d+) passing\b")


def fuzz(target: str, minutes: float) -> str:
    """Returns a row of the table; what failed goes to stderr and into the row."""
    command = [sys.executable, "-m", "pytest", "-q", str(FOLDER / f"test_{target}.py")]
    command += ["--hypothesis-profile=long", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
    begin, examples, found = time.monotonic(), 0, "nothing"
    while time.monotonic() < begin + 60 * minutes and found == "nothing":
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            found = FAILURE
        examples += sum(map(int, _TRIED.findall(done.stdout)))
    return f"| {target} | {(time.monotonic() - begin) / 60:.1f} | {examples:,} | {found} |"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10, help="for each target (default: 10)")
    parser.add_argument("--at-once", type=int, default=1, help="targets beside each other (default: 1)")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {min(unknown)}: there are {', '.join(TARGETS)}")
    print("| target | minutes | examples | found |\n| --- | --- | --- | --- |", flush=True)
    failed = False
    with ThreadPoolExecutor(options.at_once) as fuzzers:
        for row in fuzzers.map(lambda target: fuzz(target, options.minutes), options.targets or TARGETS):
            print(row, flush=True)
            failed |= FAILURE in row
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

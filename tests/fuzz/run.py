"""Run the property tests repeatedly with random examples.

    python tests/fuzz/run.py --minutes 10                  all targets in turn
    python tests/fuzz/run.py --minutes 10 http metadata    two targets
    python tests/fuzz/run.py --minutes 10 --at-once 4      four targets at a time

A target is a test file with properties (`@given`). The command prints a table, and exits with code 1 if one fails.
For each failure, Hypothesis prints the smallest example that it finds. Add that example to the test as an `@example`.
The acceptance run tries few examples, always the same.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FAILURE = "A FAILURE"
_TRIED = re.compile(r"(\d+) passing\b")


def _targets() -> dict[str, Path]:
    """Return the test files by name, with their folder unless it is this one."""
    files = [path for path in sorted(TESTS.rglob("test_*.py")) if "@given(" in path.read_text("utf-8")]
    names = [path.relative_to(TESTS).with_suffix("").as_posix().replace("test_", "") for path in files]
    return {name.removeprefix("fuzz/"): path for name, path in zip(names, files, strict=True)}


TARGETS = _targets()


def fuzz(target: str, minutes: float) -> str:
    """Run a target, print failures to stderr, and return a row of the table."""
    command = [sys.executable, "-m", "pytest", "-q", str(TARGETS[target]), "-m", "hypothesis"]
    command += ["--hypothesis-profile=search", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
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
    parser.add_argument("--minutes", type=float, default=10, help="minutes per target (default: 10)")
    parser.add_argument(
        "--at-once", type=int, default=1, help="number of targets that run at a time (default: 1)"
    )
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"unknown target {min(unknown)}; use {', '.join(TARGETS)}")
    print("| target | minutes | examples | found |\n| --- | --- | --- | --- |", flush=True)
    failed = False
    with ThreadPoolExecutor(options.at_once) as fuzzers:
        for row in fuzzers.map(lambda target: fuzz(target, options.minutes), options.targets or TARGETS):
            print(row, flush=True)
            failed |= FAILURE in row
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

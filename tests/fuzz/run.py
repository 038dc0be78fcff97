"""Run the property tests repeatedly with new random examples.

    python tests/fuzz/run.py --minutes 10                  every target, one after the other
    python tests/fuzz/run.py --minutes 10 http metadata    two targets
    python tests/fuzz/run.py --minutes 10 --at-once 4      four targets in parallel

A target is a test file with properties (`@given`). The command prints a table; the exit code is 1 if a target failed.
Hypothesis prints the smallest failing example. Add it to the test as an `@example`. The acceptance run tries few
examples, always the same ones.
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
    """Return the test files by name: `what` in this folder, `folder/what` in others."""
    files = [path for path in sorted(TESTS.rglob("test_*.py")) if "@given(" in path.read_text("utf-8")]
    names = [path.relative_to(TESTS).with_suffix("").as_posix().replace("test_", "") for path in files]
    return {name.removeprefix("fuzz/"): path for name, path in zip(names, files, strict=True)}


TARGETS = _targets()


def fuzz(target: str, minutes: float) -> str:
    """Return a row of the table; print the output of a failure to stderr."""
    command = [sys.executable, "-m", "pytest", "-q", str(TARGETS[target]), "-m", "hypothesis"]
    command += ["--hypothesis-profile=search", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
    start, examples, found = time.monotonic(), 0, "nothing"
    while time.monotonic() < start + 60 * minutes and found == "nothing":
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            found = FAILURE
        examples += sum(map(int, _TRIED.findall(done.stdout)))
    return f"| {target} | {(time.monotonic() - start) / 60:.1f} | {examples:,} | {found} |"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10, help="minutes per target (default: 10)")
    parser.add_argument("--at-once", type=int, default=1, help="parallel targets (default: 1)")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"unknown target {min(unknown)!r}; use {', '.join(TARGETS)}")
    print("| target | minutes | examples | found |\n| --- | --- | --- | --- |", flush=True)
    failed = False
    with ThreadPoolExecutor(options.at_once) as fuzzers:
        for row in fuzzers.map(lambda target: fuzz(target, options.minutes), options.targets or TARGETS):
            print(row, flush=True)
            failed |= FAILURE in row
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

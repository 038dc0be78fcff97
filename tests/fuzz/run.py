"""Fuzzes for as long as it is told: the tests of this folder again and again, each time with other examples.

    python tests/fuzz/run.py --minutes 10                  every target, one after the other
    python tests/fuzz/run.py --minutes 10 http metadata    two of them

It ends with exit code 1 at the first failure, which Hypothesis prints as the smallest example that it finds. In the
ordinary test run every test of this folder tries a hundred examples.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
TARGETS = sorted(path.stem.removeprefix("test_") for path in FOLDER.glob("test_*.py"))
_TRIED = re.compile(r"(\d+) passing\b")


def fuzz(target: str, minutes: float) -> int:
    """Returns how many examples were tried; leaves with 1 at the first that fails."""
    command = [sys.executable, "-m", "pytest", "-q", str(FOLDER / f"test_{target}.py")]
    command += ["--hypothesis-profile=long", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
    end, examples = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n")
            sys.exit(1)
        examples += sum(map(int, _TRIED.findall(done.stdout)))
    return examples


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10, help="for each target (default: 10)")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {min(unknown)}: there are {', '.join(TARGETS)}")
    for target in options.targets or TARGETS:
        begin = time.monotonic()
        examples = fuzz(target, options.minutes)
        print(f"| {target} | {(time.monotonic() - begin) / 60:.1f} | {examples:,} |", flush=True)


if __name__ == "__main__":
    main()

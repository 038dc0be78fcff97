"""Decide whether this commit may be released, and tag it. Nothing is ever uploaded.

    python release/run.py --check [--only GATE ...]   # a line for each gate; exit code 1 if one is red
    python release/run.py                             # the same; all green: archives in dist/, HEAD tagged

It needs the packages of CONTRIBUTING.md and an index to install from. `floors`, `newest` and `tests` take minutes.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import build
import contents
import floors
import licences
import versions

ROOT = Path(__file__).resolve().parent.parent
Gate = Callable[[list[Path]], list[str]]
"""Takes the archives of HEAD and returns what is wrong with the release, line by line."""


def main() -> int:
    """Run the gates in order of what fails fastest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="tag nothing, keep no archives")
    parser.add_argument(
        "--only", nargs="+", choices=GATES, metavar="GATE", help=f"some of {', '.join(GATES)}"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archives = build.build(Path(folder))
        reds = sum([_red(name, GATES[name], archives) for name in options.only or GATES])
        if reds or options.check or options.only:
            return int(bool(reds))
        _release(archives)
    return 0


def _red(name: str, gate: Gate, archives: list[Path]) -> bool:
    try:
        faults = gate(archives)
    except subprocess.CalledProcessError as error:
        faults = [f"{error.cmd[0]} failed: {((error.stdout or '') + (error.stderr or '')).strip()[-1500:]}"]
    print(f"{name:12} {'RED: ' + '; '.join(faults) if faults else 'green'}", flush=True)
    return bool(faults)


def _release(archives: list[Path]) -> None:
    target = ROOT / "dist"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for archive in archives:
        shutil.copy(archive, target)
        print(hashlib.sha256(archive.read_bytes()).hexdigest(), f"dist/{archive.name}")
    tag = f"v{versions.version()}"
    if not _git("tag", "--list", tag):
        _git("tag", "--annotate", tag, "--message", f"Release {versions.version()}")
    print(f"HEAD is {tag}; dist/ is ready to be uploaded by hand")


def _clean(_: list[Path]) -> list[str]:
    changed = _git("status", "--porcelain", "--untracked-files=no").splitlines()
    return [f"{len(changed)} files are not committed, such as {changed[0][3:]}"] if changed else []


def _versions(archives: list[Path]) -> list[str]:
    return versions.source_faults() + versions.archive_faults(archives) + versions.tag_faults()


def _contents(archives: list[Path]) -> list[str]:
    return contents.faults(archives, build.tracked())


def _reproducible(archives: list[Path]) -> list[str]:
    """Build a second time, later and elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        again = build.build(Path(folder))
        return [
            f"{one.name} is another in a second build"
            for one, two in zip(archives, again, strict=True)
            if one.read_bytes() != two.read_bytes()
        ]


def _licences(_: list[Path]) -> list[str]:
    current = licences.PAGE.exists() and licences.PAGE.read_text("utf-8") == licences.page()
    return [] if current else ["docs/reference/licences.md is old: python release/licences.py"]


def _docs(_: list[Path]) -> list[str]:
    _run(sys.executable, "-m", "pytest", "-q", "tests/docs")
    return []


def _tests(_: list[Path]) -> list[str]:
    """Run the README's two commands one after the other in a fresh clone: set up and draw, set up and test."""
    with tempfile.TemporaryDirectory() as folder:
        _git("clone", "--quiet", "--no-hardlinks", str(ROOT), folder)
        _git("-C", folder, "checkout", "--quiet", _git("rev-parse", "HEAD").strip())
        readme = (Path(folder) / "README.md").read_text("utf-8")
        for command in re.findall(r"^```(?:sh)?\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)[:2]:
            print(f"  {command.strip()}", flush=True)
            _run("bash", "-c", command, folder=Path(folder))
    return []


def _tried(lowest: bool) -> Gate:
    def gate(archives: list[Path]) -> list[str]:
        wheels = [archive for archive in archives if archive.suffix == ".whl"]
        for trial in floors.TRIALS.values():
            print(f"  {floors.try_trial(trial, wheels, lowest)}", flush=True)
        return []

    return gate


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _run(*words: str, folder: Path = ROOT) -> None:
    # In one stream: what failed stands at the end.
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    subprocess.run(words, cwd=folder, check=True, text=True, **streams)


GATES: dict[str, Gate] = {
    "clean": _clean,
    "versions": _versions,
    "contents": _contents,
    "licences": _licences,
    "reproducible": _reproducible,
    "docs": _docs,
    "floors": _tried(lowest=True),
    "newest": _tried(lowest=False),
    "tests": _tests,
}

if __name__ == "__main__":
    sys.exit(main())

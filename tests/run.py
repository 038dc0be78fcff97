"""Build both packages, install the wheels in a fresh environment, check and test them.

    python3.11 tests/run.py [pytest options]

This needs access to a package index. The browser page also needs Node.js and Chromium, and is skipped with a warning
without them. With pytest options, the page is not tested.

Everything runs on a copy of the tracked files with their current content. Other files have no effect.
"""

import os
import shutil
import signal
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-test"
SOURCE, BUILT = ENVIRONMENT / "source", ENVIRONMENT / "built"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
DATA = ROOT.parent / "shared" / "data"  # of developers and CI; the copy of the source is not beside it
LEFTOVERS = ("build", "dist", "*.egg-info", ".venv*", "node_modules", "__pycache__", ".*_cache")


def copy_source() -> None:
    """Copy the tracked files, or without Git everything except build outputs."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        shutil.copytree(ROOT, SOURCE, ignore=shutil.ignore_patterns(*LEFTOVERS))
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # deleted files are still in the index
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, SOURCE / name)


class Command:
    """A command of the fresh environment. Its output is shown at once or at its end."""

    def __init__(self, *words: str | Path, at_once: bool = False, **variables: str) -> None:
        self._words = words
        self._at_once = at_once
        # The tests import the wheels, not packages on the caller's PYTHONPATH.
        self._environment = {
            name: value for name, value in os.environ.items() if name != "PYTHONPATH"
        } | variables
        if DATA.is_dir():
            self._environment.setdefault("SCORP_DATA", str(DATA))

    def run(self) -> bool:
        """Run the command; return whether it succeeded."""
        line = " ".join(["+ python", *map(str, self._words)])
        if self._at_once:
            print(line, flush=True)
        streams = {} if self._at_once else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(
            [PYTHON, *self._words],
            cwd=SOURCE,
            env=self._environment,
            check=False,
            errors="replace",
            **streams,
        )
        if not self._at_once:
            print(line, done.stdout, sep="\n", flush=True)
        return done.returncode == 0


def run(*commands: Command) -> None:
    """Run commands in parallel; exit if one fails."""
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(Command.run, commands))
    if not all(ended):
        sys.exit(1)


def install(*words: str | Path) -> Command:
    """Install packages under the development constraints."""
    words = ("install", "--quiet", "--constraint", "constraints.txt", *words)
    return Command("-m", "pip", *words, at_once=True)


def main() -> None:
    """Run all steps, in parallel where possible."""
    # With `&` or `nohup`, a shell lets its children ignore a signal that the tests send.
    for name in {"SIGINT", "SIGHUP"} & set(dir(signal)):  # Windows has no SIGHUP
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    venv.create(ENVIRONMENT, with_pip=True)
    copy_source()
    run(install("--upgrade", "pip>=25.1", "build", "ruff"))
    everything = ("--no-respect-gitignore", ".")  # the .gitignore of the checkout excludes the copy
    run(
        Command("-m", "ruff", "check", *everything),
        Command("-m", "ruff", "format", "--check", *everything),
    )
    # Each wheel is built from its source distribution, which tests both.
    builds = [
        Command("-m", "build", "--outdir", BUILT, project) for project in (SOURCE, SOURCE / "scorp_train")
    ]
    run(*builds, install("--group", "dev"))
    run(install(*BUILT.glob("*.whl")))
    # -P keeps the copy off the path, so the tests import the wheels.
    pytest = ("-P", "-m", "pytest", "--numprocesses", "auto", "--dist", "worksteal", *sys.argv[1:])
    page = [] if sys.argv[1:] else [Command("-P", "tests/browser.py")]
    imports = "from importlinter.cli import lint_imports_command as lint; lint()"  # it has no `-m`
    run(
        Command(*pytest, at_once=True, SCORP_TEST_INSTALLED="1"),
        Command("-m", "mypy"),
        Command("-c", imports, "--no-cache"),
        *page,
    )


if __name__ == "__main__":
    main()

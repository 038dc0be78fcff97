"""The one test command: builds both packages, installs the wheels in a fresh environment, checks and tests them.

    python3.11 tests/run.py [pytest options]

It needs Python, and an index to install packages from. For the page it needs Node.js and Chromium too, and says so
where they are missing; with pytest options the page is left out.
"""

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

from browser import check_page

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-test"
BUILT = ENVIRONMENT / "built"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*words: str | Path, **variables: str) -> None:
    """Runs a command in the fresh environment and ends the whole when it fails."""
    command = [str(PYTHON), *map(str, words)]
    print("+", " ".join(["python", *command[1:]]), flush=True)
    # The tests see the wheels, and no package that a path of the caller's leads to.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if code:
        sys.exit(code)


def install(*words: str | Path) -> None:
    """Installs packages under the development constraints."""
    run("-m", "pip", "install", "--quiet", "--constraint", "constraints.txt", *words)


def main() -> None:
    """Everything, in order of what fails fastest."""
    # What a shell begins with `&` or `nohup` ignores one of them, and so would all that the tests begin.
    for name in {"SIGINT", "SIGHUP"} & set(dir(signal)):  # Windows has no SIGHUP
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    venv.create(ENVIRONMENT, with_pip=True)
    install("--upgrade", "pip>=25.1")
    install("--group", "dev")
    run("-m", "ruff", "check", ".")
    run("-m", "ruff", "format", "--check", ".")
    # Each wheel is built from its source distribution, so both are proved to be whole.
    for distribution in (ROOT, ROOT / "scorp_train"):
        run("-m", "build", "--outdir", BUILT, distribution)
    install(*BUILT.glob("*.whl"))
    run("-m", "mypy")
    # -P keeps the checkout off the path: the tests see the wheels.
    run("-P", "-m", "pytest", *sys.argv[1:], SCORP_TEST_INSTALLED="1")
    if not sys.argv[1:]:
        check_page(PYTHON)


if __name__ == "__main__":
    main()

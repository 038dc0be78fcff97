"""The tests of the page, as far as this machine can run them; what it cannot is told in a box that nobody overlooks."""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PACKED = ROOT / "scorp_runtime" / "web" / "page"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OLDEST_NODE = (20, 19)


def check_page(python: Path) -> None:
    """Check the sources of the page, that the packed one is built from them, and both in a browser.

    Args:
        python: an interpreter with scorp-runtime installed.
    """
    if not _has_node():
        _tell_skipped(f"no Node.js from {'.'.join(map(str, OLDEST_NODE))} on with npm")
        return
    _run("npm", "ci", "--ignore-scripts")
    _run("npm", "run", "check")
    _check_packed()
    browser = os.environ.get("SCORP_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        _tell_skipped(
            f"no browser: none of {', '.join(BROWSERS)} is installed, and SCORP_CHROMIUM is not set"
        )
        return
    _run("npm", "test", PYTHON=str(python), SCORP_CHROMIUM=browser)


def _has_node() -> bool:
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, told.strip().lstrip("v").split(".")[:2])) >= OLDEST_NODE


def _check_packed() -> None:
    """Build the packed page again and end all if the committed one is another."""
    with tempfile.TemporaryDirectory() as folder:
        _run("npm", "run", "pack", "--", "--outDir", folder)
        names = {path.name for place in (Path(folder), PACKED) for path in place.iterdir()}
        _, changed, missing = filecmp.cmpfiles(folder, PACKED, names, shallow=False)
    if changed or missing:
        sys.exit(
            f"scorp_runtime/web/page is not what web/ builds: {changed + missing}; `npm run pack` renews it"
        )


def _run(*words: str, **variables: str) -> None:
    print("+", *words, flush=True)
    command = [shutil.which(words[0]) or words[0], *words[1:]]
    code = subprocess.run(command, cwd=WEB, env={**os.environ, **variables}, check=False).returncode
    if code:
        sys.exit(code)


def _tell_skipped(reason: str) -> None:
    line = f"  THE PAGE WAS NOT TESTED IN A BROWSER: {reason}  "
    print(f"\n{'!' * len(line)}\n{line}\n{'!' * len(line)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    check_page(Path(sys.executable))

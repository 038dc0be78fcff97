"""Test the browser page. A warning names what this machine cannot test."""

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


def check_page() -> None:
    """Check the sources, compare the packed page with a new build, and run the browser tests."""
    if not _has_node():
        _warn(f"needs npm and Node.js {'.'.join(map(str, OLDEST_NODE))} or newer")
        return
    _run("npm", "ci", "--ignore-scripts")
    _run("npm", "run", "check")
    _check_packed()
    browser = os.environ.get("SCORP_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        _warn(f"install one of {', '.join(BROWSERS)}, or set SCORP_CHROMIUM")
        return
    _run("npm", "test", PYTHON=sys.executable, SCORP_CHROMIUM=browser)


def _has_node() -> bool:
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, version.strip().lstrip("v").split(".")[:2])) >= OLDEST_NODE


def _check_packed() -> None:
    """Build the packed page again; exit if the committed one differs."""
    with tempfile.TemporaryDirectory() as folder:
        _run("npm", "run", "pack", "--", "--outDir", folder)
        names = {path.name for parent in (Path(folder), PACKED) for path in parent.iterdir()}
        _, changed, missing = filecmp.cmpfiles(folder, PACKED, names, shallow=False)
    if changed or missing:
        sys.exit(
            f"outdated files in scorp_runtime/web/page: {', '.join(changed + missing)}; run `npm run pack` in web/"
        )


def _run(*words: str, **variables: str) -> None:
    print("+", *words, flush=True)
    command = [shutil.which(words[0]) or words[0], *words[1:]]
    code = subprocess.run(command, cwd=WEB, env={**os.environ, **variables}, check=False).returncode
    if code:
        sys.exit(code)


def _warn(reason: str) -> None:
    line = f"  THE PAGE WAS NOT TESTED IN A BROWSER: {reason}  "
    print(f"\n{'!' * len(line)}\n{line}\n{'!' * len(line)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    check_page()

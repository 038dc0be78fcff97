"""The version, which must be one in the packages, the archives, the change log and the tag."""

import re
import subprocess
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("scorp_runtime/version.py", "scorp_train/version.py")
HEAD = re.compile(r"^## (\S+) - (.+)$", re.MULTILINE)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def version() -> str:
    """Return the version that the runtime says it has."""
    return _versions()[0]


def source_faults() -> list[str]:
    """Return a line for each place of the sources that has another version, or no date yet."""
    first, *others = _versions()
    lines = [f"{SOURCES[1]} says {other}, {SOURCES[0]} {first}" for other in others if other != first]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    head = HEAD.search(changes)
    if head is None or head[1] != first:
        lines.append(f"CHANGELOG.md begins with {head[1] if head else 'no version'}, not {first}")
    elif not DATE.fullmatch(head[2]):
        lines.append(f"CHANGELOG.md: {first} is {head[2]}")
    for card in sorted((ROOT / "exported").glob("*.md")):
        title = re.search(r"^# (\S+ \d\S*)$", card.read_text("utf-8"), re.MULTILINE)
        if not title:
            continue
        dated = re.search(rf"^### {re.escape(title[1])} - (.+)$", changes, re.MULTILINE)
        if not dated or not DATE.fullmatch(dated[1]):
            lines.append(f"CHANGELOG.md: model {title[1]} is {dated[1] if dated else 'not mentioned'}")
    return lines


def archive_faults(archives: list[Path]) -> list[str]:
    """Return a line for each wheel whose metadata has another version, or whose name has."""
    lines = []
    for wheel in (path for path in archives if path.suffix == ".whl"):
        with zipfile.ZipFile(wheel) as opened:
            (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
            told = Parser().parsestr(opened.read(name).decode())["Version"]
        if told != version() or wheel.name.split("-")[1] != version():
            lines.append(f"{wheel.name} says {told}, not {version()}")
    return lines


def tag_faults() -> list[str]:
    """Return a line if the commit has a tag of another version, or the version's tag is elsewhere."""
    here = _git("tag", "--points-at", "HEAD", "--list", "v*").split()
    mine = f"v{version()}"
    lines = [f"the commit is tagged {tag}, not {mine}" for tag in here if tag != mine]
    if mine not in here and _git("tag", "--list", mine):
        lines.append(f"{mine} is the tag of another commit")
    return lines


def _versions() -> list[str]:
    found = (re.search(r'^__version__ = "(.+)"$', (ROOT / path).read_text("utf-8"), re.M) for path in SOURCES)
    return [match[1] if match else "none" for match in found]


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout

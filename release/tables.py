"""Tables of the documents that commands print.

    python release/tables.py                   # exit code 1 where a document tells something else
    python release/tables.py --write           # put what the commands print into the documents
    python release/tables.py --record NAME     # run a command that takes long, and keep what it prints

In a document, `<!-- table 1 of `COMMAND` -->` stands above the first table that the command prints; the command is run
to compare. Where it takes long, or measures a machine, the comment ends in `, recorded`: what counts is then what it
printed when it was last recorded, on the machine and the day that `docs/measured/NAME.md` tells.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from scorp_runtime.cli.timing import describe_machine

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
RECORDS = ROOT / "docs" / "measured"
_TABLE = r"(?:^\|.*\n)+"
PRINTED = re.compile(
    rf"(<!-- table (?P<place>\d+) of `(?P<command>[^`]+)`(?P<recorded>, recorded)? -->\n\n)(?P<table>{_TABLE})",
    re.MULTILINE,
)
"""A table of a document, with its comment."""


def main() -> int:
    """Compare, write or record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put what the commands print into the documents")
    parser.add_argument("--record", choices=sorted(recorded()), metavar="NAME", help=", ".join(recorded()))
    options = parser.parse_args()
    if options.record:
        record(options.record)
    differing = faults(options.write) if options.write or not options.record else []
    print(*differing, sep="\n")
    return int(bool(differing) and not options.write)


def faults(write: bool = False) -> list[str]:
    """Return which documents tell something else than their commands print, and perhaps mend them.

    Raises:
        subprocess.CalledProcessError: if a command fails.
        OSError: if a record is missing.
    """
    found = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        printed = PRINTED.sub(lambda match: match[1] + _told(match), text)
        if printed != text:
            found.append(f"{path.name} is not what its commands print: python release/tables.py --write")
        if write:
            path.write_text(printed, "utf-8")
    return found


def recorded() -> dict[str, str]:
    """Return the commands that are recorded, by the names of their records."""
    matches = (match for path in DOCUMENTS for match in PRINTED.finditer(path.read_text("utf-8")))
    return {record_name(match["command"]): match["command"] for match in matches if match["recorded"]}


def record_name(command: str) -> str:
    """Return the name of a command's record: of the script or its folder, or what `npm` runs, and the arguments."""
    script, *arguments = re.split(r"^(?:python|npm run) ", command)[1].split()
    path = Path(script)
    stem = path.parent.name if path.stem == "run" else path.stem
    return "-".join([stem, *(word.strip("-") for word in arguments)])


def record(name: str) -> None:
    """Run a command and keep what it prints.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    command, machine = recorded()[name], describe_machine()
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    head = f"`{command}` on {day}, {machine['usable_cores']} cores of {machine['processor']}\n\n"
    RECORDS.mkdir(exist_ok=True)
    (RECORDS / f"{name}.md").write_text(head + "\n".join(_run(command)), "utf-8")


def _told(match: re.Match[str]) -> str:
    tables = _recorded_tables if match["recorded"] else _run
    return tables(match["command"])[int(match["place"]) - 1]


def _recorded_tables(command: str) -> list[str]:
    text = (RECORDS / f"{record_name(command)}.md").read_text("utf-8")
    return re.findall(_TABLE, text, re.MULTILINE)


@cache
def _run(command: str) -> list[str]:
    """Return the tables that a command prints."""
    program, *words = shlex.split(command)
    words = [sys.executable if program == "python" else program, *words]
    folder = ROOT / "web" if program == "npm" else ROOT
    environment = {"PYTHON": sys.executable, "SCORP_CHROMIUM": shutil.which("chromium") or "", **os.environ}
    done = subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return re.findall(_TABLE, done.stdout, re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())

"""Tables of the documents that a command prints, the same every time.

    python release/tables.py            # run the commands; exit code 1 where a document tells something else
    python release/tables.py --write    # put what they print into the documents

In a document, `<!-- table 1 of `COMMAND` -->` stands above the first table that the command prints.
"""

import argparse
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
_TABLE = r"(?:^\|.*\n)+"
_PRINTED = re.compile(rf"(<!-- table (\d+) of `(python [^`]+)` -->\n\n)({_TABLE})", re.MULTILINE)


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put what the commands print into the documents")
    write = parser.parse_args().write
    differing = faults(write)
    print(*differing, sep="\n")
    return int(bool(differing) and not write)


def faults(write: bool = False) -> list[str]:
    """Return which documents tell something else than their commands print, and perhaps mend them.

    Raises:
        subprocess.CalledProcessError: if a command fails.
    """
    found = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        printed = _PRINTED.sub(lambda match: match[1] + tables(match[3])[int(match[2]) - 1], text)
        if printed != text:
            found.append(f"{path.name} is not what its commands print: python release/tables.py --write")
        if write:
            path.write_text(printed, "utf-8")
    return found


@cache
def tables(command: str) -> list[str]:
    """Return the tables that a command prints."""
    words = [sys.executable, *shlex.split(command)[1:]]
    output = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return re.findall(_TABLE, output, re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())

"""Build both packages from a commit so that everyone who does it gets the same bytes.

The date in the archives is the commit's. Setuptools takes the wheel's from SOURCE_DATE_EPOCH; the source
distribution, for which it does not, is packed anew without owners, modes and hours.
"""

import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTIONS = {"scorp-runtime": Path(), "scorp-train": Path("scorp_train")}


def build(output: Path, commit: str = "HEAD") -> list[Path]:
    """Build the wheels and source distributions of a commit into a folder; returns them sorted by name."""
    epoch = int(_git("show", "--no-patch", "--format=%ct", commit))
    variables = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch),
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    }
    before = os.umask(0o022)  # modes are in the archives
    try:
        with tempfile.TemporaryDirectory() as folder:
            _unpack(commit, Path(folder))
            for place in DISTRIBUTIONS.values():
                command = [sys.executable, "-m", "build", "--outdir", str(output), str(Path(folder) / place)]
                subprocess.run(command, check=True, env=variables, capture_output=True, text=True)
    finally:
        os.umask(before)
    for source in output.glob("*.tar.gz"):
        _pack_anew(source, epoch)
    return sorted(output.iterdir())


def tracked(commit: str = "HEAD") -> set[str]:
    """Return the files of a commit."""
    return set(_git("ls-tree", "-r", "--name-only", commit).splitlines())


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def _unpack(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def _pack_anew(archive: Path, epoch: int) -> None:
    """Write a .tar.gz again: sorted, of nobody, of one date."""
    with tarfile.open(archive) as source:
        entries = [(entry, source.extractfile(entry)) for entry in source.getmembers()]
        with (
            tempfile.NamedTemporaryFile(dir=archive.parent, delete=False) as raw,
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=9, mtime=epoch) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as target,
        ):
            for entry, content in sorted(entries, key=lambda pair: pair[0].name):
                plain = tarfile.TarInfo(entry.name)
                plain.type, plain.size, plain.mtime = entry.type, entry.size, epoch
                plain.mode = 0o755 if entry.isdir() else 0o644
                target.addfile(plain, content)
    Path(raw.name).chmod(0o644)
    Path(raw.name).replace(archive)

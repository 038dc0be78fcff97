"""Reproducible builds of both packages from a commit.

Archives have the commit's date. Setuptools applies SOURCE_DATE_EPOCH to wheels only, so source distributions are packed
again without owners, modes and times.
"""

import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = (".", "scorp_train")


def build(output: Path, commit: str = "HEAD") -> list[Path]:
    """Build the wheels and source distributions of a commit into a folder; return their paths, sorted."""
    epoch = int(_git("show", "--no-patch", "--format=%ct", commit))
    variables = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch),
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    }
    umask = os.umask(0o022)  # archives contain file modes
    try:
        with tempfile.TemporaryDirectory() as folder:
            _unpack(commit, Path(folder))
            for project in PROJECTS:
                command = [sys.executable, "-m", "build", "--outdir", str(output), str(Path(folder, project))]
                subprocess.run(command, check=True, env=variables, capture_output=True, text=True)
    finally:
        os.umask(umask)
    for source in output.glob("*.tar.gz"):
        _repack(source, epoch)
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


def _repack(archive: Path, epoch: int) -> None:
    """Rewrite a .tar.gz in sorted order, without owners, with one date."""
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

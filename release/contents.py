"""Check that archives have exactly the tracked files of a package and the packaging metadata."""

import tarfile
import zipfile
from pathlib import Path, PurePosixPath

RUNTIME, TRAINER = "scorp_runtime", "scorp_train"
MODELS = "scorp_runtime/exported/"
RECORDS = {"METADATA", "WHEEL", "entry_points.txt", "top_level.txt", "RECORD"}
LICENCES = {RUNTIME: ("LICENSE", "exported/LICENSE.md"), TRAINER: ("LICENSE",)}
NEVER = ("test", "__pycache__", ".pt", ".pyc", ".ckpt", ".npz", "ubyte", ".gz", ".zip")
"""Parts of paths that no archive may have: tests, caches, checkpoints, training data."""


def faults(archives: list[Path], tracked: set[str]) -> list[str]:
    """Return a line for each missing, unexpected or forbidden file."""
    lines = []
    for archive in archives:
        package = TRAINER if archive.name.startswith(TRAINER) else RUNTIME
        names, expected = (_wheel if archive.suffix == ".whl" else _source)(archive, package, tracked)
        lines += [f"{archive.name}: {name} is missing" for name in sorted(expected - names)]
        lines += [f"{archive.name}: {name} is unexpected" for name in sorted(names - expected)]
        lines += [
            f"{archive.name}: {name} is forbidden"
            for name in sorted(names)
            if any(word in name for word in NEVER)
        ]
    return lines


def _wheel(archive: Path, package: str, tracked: set[str]) -> tuple[set[str], set[str]]:
    names = set(zipfile.ZipFile(archive).namelist())
    distinfo = f"{archive.name.split('-py3')[0]}.dist-info/"
    records = {distinfo + name for name in RECORDS}
    licences = {f"{distinfo}licenses/{name}" for name in LICENCES[package]}
    return names, _packed(package, tracked) | records | licences


def _source(archive: Path, package: str, tracked: set[str]) -> tuple[set[str], set[str]]:
    """Return the names in a source distribution, without those added by setuptools, and the expected ones."""
    with tarfile.open(archive) as opened:
        names = {
            str(PurePosixPath(*PurePosixPath(entry.name).parts[1:])) for entry in opened if entry.isfile()
        }
    added = {
        name for name in names if ".egg-info/" in name or name in ("PKG-INFO", "setup.cfg", "MANIFEST.in")
    }
    expected = {_in_source(name, package) for name in _packed(package, tracked)}
    return names - added, expected | {"LICENSE", "README.md", "pyproject.toml"}


def _packed(package: str, tracked: set[str]) -> set[str]:
    """Return the names in a wheel of the tracked files of a package."""
    own = {name for name in tracked if name.startswith(f"{package}/")}
    if package == TRAINER:
        return own - {f"{TRAINER}/{name}" for name in ("LICENSE", "README.md", "pyproject.toml")}
    return own | {MODELS + Path(name).name for name in tracked if name.startswith("exported/")}


def _in_source(name: str, package: str) -> str:
    if package == TRAINER:
        return name.removeprefix(f"{TRAINER}/")
    return f"exported/{name.removeprefix(MODELS)}" if name.startswith(MODELS) else name

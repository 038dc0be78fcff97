"""Where data that is downloaded once is kept."""

import os
import sys
from pathlib import Path


def cache_directory() -> Path:
    """Return the user's cache folder for SCORP: `$XDG_CACHE_HOME/scorp`, or the default of the platform."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "scorp"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "scorp" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "scorp"
    return Path.home() / ".cache" / "scorp"


def data_directory(name: str) -> Path:
    """Return the folder that holds the dataset `name`: in `$SCORP_DATA` if that is set, else in the cache."""
    return Path(os.environ.get("SCORP_DATA") or cache_directory()) / name

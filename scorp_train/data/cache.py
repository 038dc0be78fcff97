"""The user's cache directory, where downloaded data is kept."""

import os
import sys
from pathlib import Path


def cache_directory() -> Path:
    """`scorp` in the cache folder of the user: `$XDG_CACHE_HOME`, else what the platform is used to."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "scorp"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "scorp" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "scorp"
    return Path.home() / ".cache" / "scorp"

"""Trains, measures and exports SCORP generators. The command line is `scorp-train`; `models/model.py` is for plugins."""

from scorp_train.version import __version__

__all__ = ["__version__"]

"""Trains, measures and exports SCORP generators; `models/model.py` says what a plugin is."""

from scorp_train.version import __version__

__all__ = ["__version__"]

"""Frozen classifiers that judge generated pictures: `load_judge("mnist")`."""

from scorp_train.judge.reading import Judge, Reading, load_judge

__all__ = ["Judge", "Reading", "load_judge"]
